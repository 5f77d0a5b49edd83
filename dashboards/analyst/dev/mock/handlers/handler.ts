import type { RouteName, StreamEvent } from '@keyward/contract';
import type { Query } from '../lists.js';
import type { Organisation } from '../organisation.js';

export interface MockRequest {
  readonly params: Readonly<Record<string, string>>;
  readonly query: Query;
  readonly body: unknown;
  readonly organisation: Organisation;
  readonly user: string;
  readonly publish: (event: StreamEvent) => void;
}
/** Answers 404 by returning nothing. */
type Handler = (request: MockRequest) => unknown;
export type Handlers = Partial<Record<RouteName, Handler>>;

export const iso = (at: number): string => new Date(at).toISOString();
