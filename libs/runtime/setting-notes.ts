import { z } from 'zod';

export interface SettingNote {
  /** What a usable value is, as the end of the sentence "Set it to …". */
  readonly expects: string;
  /** `secret` is never shown; of a `url` the password is never shown. */
  readonly kind: 'plain' | 'url' | 'secret';
  /** Set to nothing it is a mistake, and not as if it were left out. */
  readonly isBlankRefused?: boolean;
}

/** What the builders of `setting` tell `readConfig` about each schema, beyond what zod knows. */
export const settingNotes = z.registry<SettingNote>();
