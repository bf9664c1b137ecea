'use strict';

/**
 * What matrix-bot-sdk imports under the name of a native package, whose binary would have to be downloaded at
 * install: the same library compiled to WebAssembly, from npm, loaded only where something of it is used.
 * vagent drives that library itself (`libs/crypto`); the SDK's own crypto client knows no fence and no cross-signing.
 */
const names = [
  'Attachment',
  'DeviceId',
  'DeviceLists',
  'EncryptedAttachment',
  'EncryptionSettings',
  'OlmMachine',
  'RoomId',
  'UserId',
];

for (const name of names) {
  Object.defineProperty(exports, name, {
    enumerable: true,
    get: () => require('@matrix-org/matrix-sdk-crypto-wasm')[name],
  });
}
exports.StoreType = Object.freeze({ Sled: 0, Sqlite: 0 });
