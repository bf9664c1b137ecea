import { z } from 'zod';
import { setting } from '#runtime/setting';

/** `RECORDS_URL`: where the records store is; left out, a demonstration of one runs inside the worker. */
export const recordsSettings = z
  .object({ RECORDS_URL: setting.url().optional() })
  .transform(({ RECORDS_URL }) => ({ recordsUrl: RECORDS_URL }));
