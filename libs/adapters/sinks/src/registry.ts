import type { SinkProduct } from './sink.js';
import { file } from './file/file.sink.js';
import { webhook } from './webhook/webhook.sink.js';

/** Every kind of receiver that alerts can be delivered to. */
export const SINKS: readonly SinkProduct[] = [webhook, file];
