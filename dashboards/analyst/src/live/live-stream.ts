import { STREAM_EVENT_KINDS, StreamEvent } from '@keyward/contract';

export type LiveState = 'connecting' | 'live' | 'paused';

/** What a browser's EventSource is to us: enough to be played by a test. */
export interface EventSourceLike {
  onopen: ((event: Event) => void) | null;
  onerror: ((event: Event) => void) | null;
  addEventListener(kind: string, listener: (event: MessageEvent<string>) => void): void;
  close(): void;
}
export interface LiveStreamPorts {
  open(): EventSourceLike;
  /** @returns how to cancel */
  later(work: () => void, ms: number): () => void;
}

const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 30_000;

/**
 * The live stream with its own reconnect: a browser gives up for good after an HTTP error, we try again with doubling pauses.
 * Events that do not keep the contract are dropped; the next full load shows whatever they were about.
 */
export class LiveStream {
  readonly #ports: LiveStreamPorts;
  readonly #onState: (state: LiveState) => void;
  readonly #onEvent: (event: StreamEvent) => void;
  /** After a gap: something may have been missed, so everything on the page is asked for again. */
  readonly #onGap: () => void;
  #source: EventSourceLike | undefined;
  #cancelRetry: (() => void) | undefined;
  #retryMs = FIRST_RETRY_MS;
  #wasOpen = false;

  constructor(ports: LiveStreamPorts, on: { state: (state: LiveState) => void; event: (event: StreamEvent) => void; gap: () => void }) {
    this.#ports = ports;
    this.#onState = on.state;
    this.#onEvent = on.event;
    this.#onGap = on.gap;
  }

  start(): void {
    this.#close();
    this.#onState('connecting');
    const source = this.#ports.open();
    this.#source = source;
    source.onopen = () => {
      this.#retryMs = FIRST_RETRY_MS;
      this.#onState('live');
      if (this.#wasOpen) this.#onGap();
      this.#wasOpen = true;
    };
    source.onerror = () => {
      this.#retry();
    };
    for (const kind of STREAM_EVENT_KINDS) {
      source.addEventListener(kind, (message) => {
        const event = parseEvent(message.data);
        if (event) this.#onEvent(event);
      });
    }
  }

  pause(): void {
    this.#close();
    this.#onState('paused');
  }

  /** Ends it without telling anybody: the page is going away. */
  stop(): void {
    this.#close();
  }

  #retry(): void {
    this.#close();
    this.#onState('connecting');
    this.#cancelRetry = this.#ports.later(() => {
      this.start();
    }, this.#retryMs);
    this.#retryMs = Math.min(LONGEST_RETRY_MS, this.#retryMs * 2);
  }

  #close(): void {
    this.#cancelRetry?.();
    this.#cancelRetry = undefined;
    this.#source?.close();
    this.#source = undefined;
  }
}

function parseEvent(data: string): StreamEvent | undefined {
  try {
    const parsed = StreamEvent.safeParse(JSON.parse(data));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}
