import type { ComponentChildren } from 'preact';
import { Icon, type IconName } from './icon.tsx';

export interface ButtonProps {
  readonly children?: ComponentChildren;
  /** What it is called where it shows an icon only. */
  readonly label?: string;
  readonly icon?: IconName;
  readonly kind?: 'primary' | 'plain' | 'quiet' | 'danger';
  readonly size?: 'small' | 'normal';
  readonly type?: 'button' | 'submit';
  readonly isBusy?: boolean;
  readonly isDisabled?: boolean;
  /** The key that does the same, shown on it. */
  readonly hint?: string | undefined;
  readonly pressed?: boolean;
  onClick?(): void;
}

export function Button(props: ButtonProps) {
  const {
    children,
    label,
    icon,
    kind = 'plain',
    size = 'normal',
    type = 'button',
    isBusy = false,
    hint,
  } = props;
  return (
    <button
      class={`button ${kind} ${size} ${children === undefined ? 'bare' : ''}`}
      type={type}
      title={label}
      aria-label={label}
      aria-busy={isBusy}
      aria-pressed={props.pressed}
      disabled={props.isDisabled === true || isBusy}
      onClick={props.onClick}
    >
      {isBusy ? (
        <span class="spinner" aria-hidden="true" />
      ) : icon === undefined ? null : (
        <Icon name={icon} size={16} />
      )}
      {children === undefined ? null : <span>{children}</span>}
      {hint === undefined ? null : (
        <span class="hint" aria-hidden="true">
          {hint}
        </span>
      )}
    </button>
  );
}
