import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { setting } from '#runtime/setting';

/** The playbook that is used where none is named. A service never imports a service, but all may read this folder. */
const examplePlaybook = fileURLToPath(new URL('../../services/worker/playbook', import.meta.url));

/** `PLAYBOOK_DIR`: the playbook whose `policies.yaml` says what becomes of personal data. */
export const privacySettings = z
  .object({ PLAYBOOK_DIR: setting.text('the folder of a playbook').default(examplePlaybook) })
  .transform(({ PLAYBOOK_DIR }) => ({ playbookDir: PLAYBOOK_DIR }));
