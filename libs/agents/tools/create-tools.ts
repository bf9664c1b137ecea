import { createDeleteRecords } from './create-delete-records.ts';
import { createDemoRecordsStore } from './create-demo-records-store.ts';
import { createHttpRecordsStore } from './create-http-records-store.ts';
import type { Tool } from './tool.ts';

/** Every tool that is registered in code. Which of them are on is the playbook's to say. */
export function createTools({ recordsUrl }: { recordsUrl: string | undefined }): readonly Tool[] {
  const records = recordsUrl === undefined ? createDemoRecordsStore() : createHttpRecordsStore(recordsUrl);
  return [createDeleteRecords(records)];
}
