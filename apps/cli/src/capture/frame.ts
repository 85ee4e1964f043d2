// One frame of a capture, and what can be wrong with a capture.

export interface Frame {
  /** LINKTYPE_ number of tcpdump.org's registry. */
  readonly linkType: number
  /** Epoch ms, with fraction. */
  readonly timeMs: number
  /** Overwritten when the next frame is read. */
  readonly bytes: Uint8Array
  /** The capture holds less than the whole frame. */
  readonly isCut: boolean
}

/** No frame is longer (libpcap's own limit). */
export const MAX_FRAME_BYTES = 262_144

/** A capture that cannot be read further; the message is one sentence that names the file. */
export class CaptureError extends Error {
  override readonly name = 'CaptureError'
}
