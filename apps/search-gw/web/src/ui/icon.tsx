import sprite from '../icons/sprite.svg?url'

/** Symbols of icons/sprite.svg. */
export type IconName =
  | 'logo'
  | 'live'
  | 'search'
  | 'assets'
  | 'dns'
  | 'rules'
  | 'alerts'
  | 'days'
  | 'health'
  | 'flag'
  | 'user'
  | 'sun'
  | 'moon'
  | 'system'
  | 'menu'
  | 'close'
  | 'play'
  | 'pause'
  | 'download'
  | 'trash'
  | 'check'
  | 'warning'
  | 'bad'
  | 'note'
  | 'help'
  | 'copy'
  | 'edit'
  | 'right'
  | 'down'
  | 'chart'

/** For the eye only: what it means stands beside it or in a label. */
export function Icon({ name }: { readonly name: IconName }) {
  return (
    <svg class="icon" aria-hidden="true" focusable="false">
      <use href={`${sprite}#${name}`} />
    </svg>
  )
}
