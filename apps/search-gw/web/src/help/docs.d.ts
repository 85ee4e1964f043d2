// What build/docs.ts makes of the repository's docs.
declare module 'virtual:docs' {
  export interface DocumentText {
    readonly html: string
    readonly sections: readonly { readonly title: string; readonly id: string }[]
  }
  export const DOCUMENTS: readonly {
    readonly id: string
    readonly title: string
    readonly load: () => Promise<DocumentText>
  }[]
}
