import { randomBytes } from 'node:crypto';
import { aclFile, aclUsers } from '#streams/acl/acl-file';
import { redisUsers } from '#streams/acl/redis-user';
import type { SecretsFolder } from './secrets-folder.ts';

const sealingKey = (): string => randomBytes(32).toString('base64');
const password = (): string => randomBytes(24).toString('base64url');
/** As Synapse writes the key that it signs events with: 32 bytes in base64 without padding. */
const signingKey = (): string => `ed25519 a_vagent ${randomBytes(32).toString('base64').replace(/=+$/, '')}`;

/**
 * Every secret that can be made up: passwords of Redis and its ACL file, the keys that seal payloads and what
 * crypto devices hold, the one that signs tokens, Synapse's and Grafana's. What is there already stays, so that a second call changes nothing but the
 * ACL rules, which follow the code.
 *
 * @param keyPrefix `KEY_PREFIX` of the services.
 */
export async function makeSecrets(folder: SecretsFolder, keyPrefix: string): Promise<void> {
  const passwords: Record<string, string> = {};
  for (const user of aclUsers) {
    const isService = redisUsers.some((service) => service === user);
    const [owner, name] = isService ? [user, 'redis-password'] : ['redis', `${user}-password`];
    passwords[user] = await folder.keep([owner], name, password);
  }
  await folder.write('redis', 'users.acl', aclFile(keyPrefix, passwords).trimEnd());
  await folder.keep(redisUsers, 'payload-key', sealingKey);
  await folder.keep(['ingress', 'egress', 'operator'], 'crypto-store-key', sealingKey);
  await folder.keep(['gateway'], 'jwt-secret', () => randomBytes(48).toString('base64'));
  for (const name of ['registration-secret', 'macaroon-secret', 'form-secret']) {
    await folder.keep(['synapse'], name, password);
  }
  await folder.keep(['synapse'], 'signing-key', signingKey);
  await folder.keep(['grafana'], 'admin-password', password);
}
