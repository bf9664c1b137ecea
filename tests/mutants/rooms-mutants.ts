import type { Mutant } from './mutant.ts';

/** Of the two ends: what is read from rooms and what is said in them. */
export const roomsMutants: readonly Mutant[] = [
  {
    name: 'token-before-processing',
    breaks: 'the sync token moves on before what came with it is stored',
    edits: [
      {
        file: 'services/ingress/reading/sync-reader.ts',
        find: '    await retry(() => takeSync(answer, since, signal), anyError);\n',
        replace:
          '    await retry(() => lease.saveToken(answer.nextBatch), anyError);\n    await retry(() => takeSync(answer, since, signal), anyError);\n',
      },
    ],
    test: 'tests/integration/ingress-crash.test.ts',
    title: 'ingress killed F01',
  },
  {
    name: 'random-txn-id',
    breaks: 'each attempt sends under a transaction id of its own',
    edits: [
      {
        file: 'libs/matrix/send-txn-id.ts',
        find: 'JSON.stringify([sender, room, ...key])',
        replace: 'JSON.stringify([sender, room, ...key, Math.random()])',
      },
    ],
    test: 'tests/integration/egress-replies.test.ts',
    title: 'egress, replies F59',
  },
  {
    name: 'acknowledged-on-429',
    breaks: 'an event that the homeserver refuses with 429 counts as sent',
    edits: [
      {
        file: 'services/egress/sending/create-sender.ts',
        find: '    throw await toSendError(deps, delivery, room, error);',
        replace:
          "    if (error.status === 429) return '' as T;\n    throw await toSendError(deps, delivery, room, error);",
      },
    ],
    test: 'tests/integration/egress-replies.test.ts',
    title: 'egress, replies F60',
  },
  {
    name: 'old-reply-not-looked-for',
    breaks: 'a reply is sent blindly although the homeserver may have forgotten its transaction id',
    edits: [
      {
        file: 'services/egress/sending/create-sender.ts',
        find: 'if (found !== undefined) return found.id;',
        replace: '',
      },
    ],
    test: 'tests/integration/egress-kills.test.ts',
    title: 'egress, late',
  },
  {
    name: 'one-token-is-enough',
    breaks: 'of two tokens in a request of the homeserver one may be wrong',
    edits: [
      {
        file: 'services/ingress/reading/is-token-right.ts',
        find: '.every(Boolean)',
        replace: '.some(Boolean)',
      },
    ],
    test: 'services/ingress/reading/is-token-right.test.ts',
  },
  {
    name: 'plaintext-when-nobody-knows',
    breaks: 'where the homeserver does not tell whether a room is encrypted, it counts as clear',
    edits: [
      {
        file: 'services/egress/sending/room-encryption.ts',
        find: '      return false;\n    }\n    throw error;',
        replace: '      return false;\n    }\n    return false;',
      },
    ],
    test: 'services/egress/sending/create-sender.test.ts',
    title: 'createSender T24: sends nothing while',
  },
  {
    name: 'crypto-store-after-sending',
    breaks:
      'a device gives an encrypted event away before it knows that its keys are stored and still its own',
    edits: [
      {
        file: 'libs/crypto/room/encrypt-event.ts',
        find: '    await parts.store.flush();\n    parts.metrics.encrypted.inc();',
        replace: '    void parts.store.flush().catch(() => undefined);\n    parts.metrics.encrypted.inc();',
      },
    ],
    test: 'tests/integration/crypto-slot.test.ts',
    title: 'T24: one that was taken over|a lease that runs out',
  },
  {
    name: 'room-key-before-the-store',
    breaks: 'a room key is sent before it is stored that the ratchets which encrypted it have moved',
    edits: [
      {
        file: 'libs/crypto/room/encrypt-event.ts',
        find: '  await store.flush();\n',
        replace: '',
      },
    ],
    test: 'tests/integration/crypto-slot.test.ts',
    title: 'sends no room key',
  },
  {
    name: 'clear-text-believed',
    breaks: 'a clear message in an encrypted room is taken for one of its sender',
    edits: [
      {
        file: 'services/ingress/encrypted/admit-by-encryption.ts',
        find: "? ignore('plaintext') : undefined",
        replace: '? undefined : undefined',
      },
    ],
    test: 'tests/integration/ingress-encrypted.test.ts',
    title: 'T24: does not believe',
  },
];
