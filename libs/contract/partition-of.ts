/** The partition of a session: `crc16(session) mod partitions`, with the CRC that Redis Cluster uses (XMODEM). */
export function partitionOf(session: string, partitions: number): number {
  return crc16(session) % partitions;
}

function crc16(text: string): number {
  let crc = 0;
  for (const byte of Buffer.from(text)) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit++) {
      crc = (crc & 0x8000) === 0 ? crc << 1 : (crc << 1) ^ 0x1021;
    }
    crc &= 0xffff;
  }
  return crc;
}
