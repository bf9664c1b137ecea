import { z } from 'zod';
import type { RecordsStore } from './records-store.ts';
import type { Tool } from './tool.ts';

const args = z.strictObject({
  project: z
    .string()
    .trim()
    .min(1, 'is empty')
    .max(100, 'is longer than 100 characters')
    .describe('name of the project'),
});

/** The tool `delete_records`. Safe to repeat, because the store applies an idempotency key once. */
export function createDeleteRecords(store: RecordsStore): Tool<z.output<typeof args>> {
  return {
    name: 'delete_records',
    description: 'Deletes all records that the support desk keeps about one project. Cannot be undone.',
    args,
    risk: 'medium',
    isRepeatable: true,
    timeoutMs: 15_000,
    run: async ({ project }, call) => {
      const { deleted } = await store.deleteRecords(project, call);
      const count = deleted === 1 ? '1 record' : `${deleted} records`;
      const text =
        deleted === 0
          ? `Project ${project}: there were no records left.`
          : `Project ${project}: ${count} deleted.`;
      return { text, data: { project, deleted } };
    },
  };
}
