import { z } from 'zod';
import { setting } from './setting.ts';

/** `LOG_LEVEL` (default info) and `LOG_FORMAT` (default: pretty on a terminal, else json). */
export const logSettings = z
  .object({
    LOG_LEVEL: setting.oneOf(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
    LOG_FORMAT: setting.oneOf(['auto', 'json', 'pretty']).default('auto'),
  })
  .transform(({ LOG_LEVEL, LOG_FORMAT }) => ({ level: LOG_LEVEL, format: LOG_FORMAT }));
