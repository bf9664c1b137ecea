import { useId } from 'preact/hooks';

interface FieldProps {
  readonly label: string;
  readonly value: string;
  /** How to fill it in. */
  readonly help?: string | undefined;
  /** Why it cannot be sent like this. */
  readonly problem?: string | undefined;
  /** More than one: a text area of so many lines. */
  readonly lines?: number;
  readonly isCode?: boolean;
  readonly isHidden?: boolean;
  readonly placeholder?: string;
  readonly hasFocus?: boolean;
  /** A search field is emptied with Escape. */
  readonly type?: 'text' | 'search';
  readonly maxLength?: number;
  /** To choose from, in place of writing. */
  readonly options?: readonly { readonly value: string; readonly label: string }[];
  onInput(value: string): void;
}

/** A labelled input whose help and problem are read out with it. */
export function Field(props: FieldProps) {
  const id = useId();
  const { label, value, help, problem, lines = 1, isHidden = false } = props;
  const about = [help === undefined ? '' : `${id}-help`, problem === undefined ? '' : `${id}-problem`];
  const common = {
    id,
    value,
    class: props.isCode === true ? 'input code' : 'input',
    placeholder: props.placeholder,
    maxLength: props.maxLength,
    'aria-invalid': problem !== undefined,
    'aria-describedby': about.filter(Boolean).join(' ') || undefined,
    spellcheck: props.isCode !== true,
    // Asked for by the dialog or form that was opened for it.
    autoFocus: props.hasFocus,
    onInput: (event: { currentTarget: { value: string } }) => props.onInput(event.currentTarget.value),
  };
  return (
    <div class="field">
      <label for={id} class={isHidden ? 'visually-hidden' : undefined}>
        {label}
      </label>
      {props.options !== undefined ? (
        <select {...common}>
          {props.options.map((option) => (
            <option key={option.value} value={option.value}>
              {option.label}
            </option>
          ))}
        </select>
      ) : lines > 1 ? (
        <textarea {...common} rows={lines} />
      ) : (
        <input
          {...common}
          type={props.type === 'search' ? 'search' : 'text'}
          list={undefined}
          autocomplete="off"
        />
      )}
      {help === undefined ? null : (
        <p class="field-help" id={`${id}-help`}>
          {help}
        </p>
      )}
      {problem === undefined ? null : (
        <p class="field-problem" id={`${id}-problem`} role="alert">
          {problem}
        </p>
      )}
    </div>
  );
}
