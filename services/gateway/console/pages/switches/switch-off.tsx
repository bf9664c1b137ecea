import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { z } from 'zod';
import type { playbook } from '../../../api/resources.ts';
import { Button } from '../../components/button.tsx';
import { Card } from '../../components/card.tsx';
import { Field } from '../../components/field.tsx';
import { useResource } from '../../resource.ts';
import { effectOfSwitch, type SwitchScope } from './effect-of-switch.ts';
import type { SwitchPlan } from './switch-dialog.tsx';

const scopes = [
  { value: 'tool', label: 'A tool' },
  { value: 'agent', label: 'An agent' },
  { value: 'room', label: 'A room' },
  { value: 'all', label: 'Everything' },
] as const satisfies readonly { value: SwitchScope; label: string }[];

/** What to switch off, and why; the question comes after. */
export function SwitchOff({ ask }: { ask(plan: SwitchPlan): void }): JSX.Element {
  const { data } = useResource<z.infer<typeof playbook>>('/api/v1/playbook');
  const [scope, setScope] = useState<SwitchScope>('tool');
  const [name, setName] = useState('');
  const [because, setBecause] = useState('');
  const names =
    scope === 'tool' ? toolsOf(data) : scope === 'agent' ? (data?.agents ?? []).map(({ id }) => id) : [];
  const isComplete = (scope === 'all' || name.trim() !== '') && because.trim() !== '';
  const submit = (submitted: Event): void => {
    submitted.preventDefault();
    if (!isComplete) return;
    ask({ scope, name: scope === 'all' ? '*' : name.trim(), because: because.trim(), off: true });
  };
  const choose = (value: string): void => {
    const found = scopes.find((one) => one.value === value);
    if (found === undefined) return;
    setScope(found.value);
    setName('');
  };
  return (
    <Card title="Switch off">
      <form class="switch-form" aria-label="Switch off" onSubmit={submit}>
        <Field label="What" value={scope} options={scopes} onInput={choose} />
        {names.length > 0 ? (
          <Field
            label="Which"
            value={name}
            options={[{ value: '', label: 'Choose …' }, ...names.map((one) => ({ value: one, label: one }))]}
            onInput={setName}
          />
        ) : (
          scope !== 'all' && (
            <Field
              label={scope === 'room' ? 'Its id' : 'Its name'}
              value={name}
              isCode
              placeholder={scope === 'room' ? '!abc:example.org' : ''}
              onInput={setName}
            />
          )
        )}
        <Field
          label="Why"
          value={because}
          maxLength={500}
          placeholder="For the others: what is wrong, and until when"
          onInput={setBecause}
        />
        <p class="effect">{effectOfSwitch(scope, name.trim() || `this ${scope}`, true)}</p>
        <Button type="submit" kind="danger" icon="switch" isDisabled={!isComplete}>
          Switch off …
        </Button>
      </form>
    </Card>
  );
}

/** Every tool that a policy or an agent names. */
function toolsOf(data: z.infer<typeof playbook> | undefined): string[] {
  if (data === undefined) return [];
  const names = [...data.tools.map(({ name }) => name), ...data.agents.flatMap(({ tools }) => tools)];
  return [...new Set(names)].sort();
}
