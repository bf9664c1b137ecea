'use strict';

/**
 * Stands in for the native crypto package, so that matrix-bot-sdk can be imported without its binary. vagent
 * does not encrypt: whatever is used of it throws.
 */
function absent(name) {
  const refuse = () => {
    throw new Error(
      `${name} is not there: this build of vagent does not encrypt. Use rooms without encryption, and give the Matrix client no crypto store`,
    );
  };
  return class {
    constructor() {
      refuse();
    }
    static initialize() {
      refuse();
    }
    static encrypt() {
      refuse();
    }
    static decrypt() {
      refuse();
    }
  };
}

module.exports = {
  Attachment: absent('Attachment'),
  DeviceId: absent('DeviceId'),
  DeviceLists: absent('DeviceLists'),
  EncryptedAttachment: absent('EncryptedAttachment'),
  EncryptionSettings: absent('EncryptionSettings'),
  OlmMachine: absent('OlmMachine'),
  RoomId: absent('RoomId'),
  StoreType: Object.freeze({ Sled: 0, Sqlite: 0 }),
  UserId: absent('UserId'),
};
