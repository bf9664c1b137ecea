import type { Row } from './row.ts';
import { encryptRow } from './rows/encrypt-row.ts';
import { gatewayLatencyRow } from './rows/gateway-latency-row.ts';
import { graphHopRow } from './rows/graph-hop-row.ts';
import { growthRow } from './rows/growth-row.ts';
import { hopRow } from './rows/hop-row.ts';
import { latencyRow } from './rows/latency-row.ts';
import { memoryRow } from './rows/memory-row.ts';
import { requestsRow } from './rows/requests-row.ts';
import { saverRow } from './rows/saver-row.ts';
import { socketsRow } from './rows/sockets-row.ts';
import { startRow } from './rows/start-row.ts';
import { understandRow } from './rows/understand-row.ts';
import { workerRow } from './rows/worker-row.ts';
import { workersRow } from './rows/workers-row.ts';

/** All rows, in the order in which they run and stand in the table. */
export const rows: readonly Row[] = [
  workerRow,
  requestsRow,
  growthRow,
  hopRow,
  graphHopRow,
  saverRow,
  workersRow,
  latencyRow,
  gatewayLatencyRow,
  socketsRow,
  memoryRow,
  startRow,
  understandRow,
  encryptRow,
];
