import { useState } from 'preact/hooks';
import type { Approval } from '#contract/approval';
import { canonicalJson, shown } from '../canonical.ts';
import { Button } from '../components/button.tsx';
import { Diff } from '../components/diff.tsx';
import { Field } from '../components/field.tsx';
import {
  type ArgField,
  type Args,
  argsOf,
  fieldsOf,
  type Parsed,
  parseArgs,
  parseField,
} from './edited-args.ts';

interface EditFormProps {
  readonly approval: Approval;
  readonly isBusy: boolean;
  /** One set of arguments for each action. */
  onSend(edit: Args[]): void;
  onCancel(): void;
}

/** Other arguments for the same actions, by a form or as JSON, with what that changes. Types stay what they are. */
export function EditForm({ approval, isBusy, onSend, onCancel }: EditFormProps) {
  const { actions } = approval;
  const [fields, setFields] = useState(() => actions.map(({ args }) => fieldsOf(args)));
  const [json, setJson] = useState<string[] | undefined>();
  const parsed = json === undefined ? fields.map(argsOf) : json.map(parseArgs);
  const edited = parsed.flatMap((one) => (one.ok ? [one.value] : []));
  const isWhole = edited.length === actions.length;
  const isChanged = edited.some((args, index) => canonicalJson(args) !== canonicalJson(actions[index]?.args));
  const turn = (): void => {
    if (json === undefined) setJson(fields.map((own, index) => pretty(argsOf(own), actions[index]?.args)));
    else {
      // What is no JSON yet stays in the editor, and says why.
      if (!isWhole) return;
      setFields(edited.map(fieldsOf));
      setJson(undefined);
    }
  };
  return (
    <form
      class="decide-form"
      onSubmit={(event) => {
        event.preventDefault();
        if (isWhole && isChanged) onSend(edited);
      }}
    >
      <div class="decide-form-head">
        <h3>Edit, then approve</h3>
        <Button kind="quiet" size="small" onClick={turn} isDisabled={json !== undefined && !isWhole}>
          {json === undefined ? 'As JSON' : 'As a form'}
        </Button>
      </div>
      {actions.map(({ name, args }, index) => {
        const own = parsed[index];
        return (
          <div key={`${name}${index}`} class="stack">
            {actions.length > 1 ? <p class="code">{shown(name)}</p> : null}
            {json === undefined ? (
              <Fields
                fields={fields[index] ?? []}
                isFirst={index === 0}
                onChange={(next) => setFields(fields.with(index, next))}
              />
            ) : (
              <Field
                label="Arguments as JSON"
                value={json[index] ?? ''}
                problem={own?.ok === false ? own.problem : undefined}
                lines={Math.min(14, Math.max(4, (json[index] ?? '').split('\n').length + 1))}
                isCode
                hasFocus={index === 0}
                onInput={(value) => setJson(json.with(index, value))}
              />
            )}
            {own?.ok === true ? <Diff before={args} after={own.value} /> : null}
          </div>
        );
      })}
      <div class="decide-form-foot">
        <Button kind="primary" type="submit" icon="check" isBusy={isBusy} isDisabled={!isWhole || !isChanged}>
          Approve the edit
        </Button>
        <Button onClick={onCancel}>Cancel</Button>
        {isWhole && !isChanged ? <span class="muted small">Nothing is changed yet.</span> : null}
      </div>
    </form>
  );
}

interface FieldsProps {
  readonly fields: readonly ArgField[];
  readonly isFirst: boolean;
  onChange(fields: ArgField[]): void;
}

function Fields({ fields, isFirst, onChange }: FieldsProps) {
  return (
    <>
      {fields.map((field, index) => {
        const { name, kind, value } = field;
        const parsed = parseField(field);
        return (
          <Field
            key={name}
            label={shown(name)}
            value={value}
            hasFocus={isFirst && index === 0}
            isCode={kind === 'json'}
            lines={kind === 'text' && (value.length > 90 || value.includes('\n')) ? 5 : 1}
            help={kind === 'json' ? 'JSON' : kind === 'number' ? 'A number' : undefined}
            problem={parsed.ok ? undefined : parsed.problem}
            {...(kind === 'boolean' ? { options: yesOrNo } : {})}
            onInput={(next) => onChange(fields.map((one) => (one === field ? { ...one, value: next } : one)))}
          />
        );
      })}
    </>
  );
}

const yesOrNo = [
  { value: 'true', label: 'true' },
  { value: 'false', label: 'false' },
];

function pretty(parsed: Parsed<Args>, before: Args | undefined): string {
  return JSON.stringify(parsed.ok ? parsed.value : (before ?? {}), null, 2);
}
