import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { Button } from '../../components/button.tsx';
import { Field } from '../../components/field.tsx';
import { navigate } from '../../router.ts';

/** Where somebody pastes the id of an event and is told why it was posted. */
export function WhyField({ event = '' }: { readonly event?: string }): JSX.Element {
  const [value, setValue] = useState(event);
  const ask = (submitted: Event): void => {
    submitted.preventDefault();
    if (value.trim() !== '') navigate('conversations', 'why', value.trim());
  };
  return (
    <form class="why-field" onSubmit={ask}>
      <Field
        label="Why was this said? Paste an event id"
        isHidden
        isCode
        value={value}
        placeholder="Event id: why was this said?"
        onInput={setValue}
      />
      <Button type="submit" icon="search">
        Why?
      </Button>
    </form>
  );
}
