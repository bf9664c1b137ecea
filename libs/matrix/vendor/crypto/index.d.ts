export {
  Attachment,
  DeviceId,
  DeviceLists,
  EncryptedAttachment,
  EncryptionSettings,
  OlmMachine,
  RoomId,
  UserId,
} from '@matrix-org/matrix-sdk-crypto-wasm';

/** Named in the types of matrix-bot-sdk, and nowhere used. */
export const StoreType: { readonly Sled: 0; readonly Sqlite: 0 };
export type StoreType = 0;
