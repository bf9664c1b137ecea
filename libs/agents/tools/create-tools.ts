import type { Passage } from '#playbook/playbook';
import { createDeleteRecords } from './create-delete-records.ts';
import { createDemoRecordsStore } from './create-demo-records-store.ts';
import { createHttpRecordsStore } from './create-http-records-store.ts';
import { createDemoForgeDesk } from './desk/create-demo-forge-desk.ts';
import { createDeskTools } from './desk/create-desk-tools.ts';
import { createSearchKnowledge } from './desk/create-search-knowledge.ts';
import type { ForgeDesk } from './desk/forge-desk.ts';
import type { Tool } from './tool.ts';
import { createReadPage } from './web/create-read-page.ts';
import { createSafeFetch, type SafeFetch } from './web/create-safe-fetch.ts';

export interface ToolsConfig {
  readonly recordsUrl: string | undefined;
  /** The code host's systems; left out, a demonstration of them that lives in this process. */
  readonly desk?: ForgeDesk;
  /** What `search_knowledge` searches, asked for at each call; left out, nothing is found. */
  readonly passages?: () => readonly Passage[];
  /** What `read_page` reads with. */
  readonly fetchPage?: SafeFetch;
}

const noPassages: readonly Passage[] = [];

/** Every tool that is registered in code. Which of them are on is the playbook's to say. */
export function createTools({
  recordsUrl,
  desk = createDemoForgeDesk(),
  passages = () => noPassages,
  fetchPage = createSafeFetch(),
}: ToolsConfig): readonly Tool[] {
  const records = recordsUrl === undefined ? createDemoRecordsStore() : createHttpRecordsStore(recordsUrl);
  return [
    createDeleteRecords(records),
    createSearchKnowledge(passages),
    createReadPage(fetchPage),
    ...createDeskTools(desk),
  ];
}
