// The table of columns in docs/flow-batch.md, from libs/schema.
import { COLUMN_NAMES, columnSpec } from '../../libs/schema/src/index.ts'
import { table } from './table.ts'

const BETWEEN = /(<!-- columns -->\n)[\s\S]*(<!-- \/columns -->)/

export function flowBatchPage(page: string): string {
  const rows = COLUMN_NAMES.map((name) => {
    const { kind, json, parquet, dictionary, meaning } = columnSpec(name)
    const parquetColumns = kind === 'address' ? `\`${parquet}4\`, \`${parquet}6\`` : `\`${parquet}\``
    return [
      `\`${name}\``,
      dictionary ? `index into \`${dictionary}\`` : kind,
      `\`${json ?? name}\``,
      parquetColumns,
      meaning,
    ]
  })
  return page.replace(BETWEEN, `$1${table(['column', 'kind', 'in JSON', 'in Parquet', 'meaning'], rows)}$2`)
}
