import type { z } from 'zod';
import type { playbook as playbookSchema } from '../../../api/resources.ts';
import { Button } from '../../components/button.tsx';
import { may } from '../../me.ts';
import { useResource } from '../../resource.ts';

/** What people of this playbook ask, to begin with. */
export function Suggestions({ isQuiet, onPick }: { isQuiet: boolean; onPick(text: string): void }) {
  const { data } = useResource<z.infer<typeof playbookSchema>>(may('viewer') ? '/api/v1/playbook' : null);
  const suggestions = data?.suggestions ?? [];
  if (suggestions.length === 0) return null;
  return (
    <fieldset class={`suggestions ${isQuiet ? 'quiet' : ''}`}>
      <legend class="visually-hidden">Suggestions</legend>
      {suggestions.map((words) => (
        <Button key={words} size="small" onClick={() => onPick(words)}>
          {words}
        </Button>
      ))}
    </fieldset>
  );
}
