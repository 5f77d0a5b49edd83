import type { EventQuery } from '@keyward/contract';
import { DAY_MS } from '@keyward/events';
import { and, at, when } from './sql.js';

/** What a search covers when it does not say. */
const DEFAULT_DAYS = 30;

export interface EventFilter {
  readonly where: string;
  readonly params: Readonly<Record<string, unknown>>;
  /** Epoch ms, inclusive. */
  readonly from: number;
  /** Epoch ms, exclusive. */
  readonly to: number;
}

/** A network is the start of an address: `198.51.100.0/24` is `198.51.100.`, `2001:db8:1::/48` what isIPAddressInRange says. */
const IN_NETWORK = `isIPAddressInRange(if(src_ip = '', '0.0.0.0', src_ip), {network:String})`;
const DEVICE = `if(device != '', device, concat(browser, if(browser != '' AND device_os != '', ' on ', ''), device_os))`;
/** As LIKE reads it: the text itself, wherever it stands. Written so that the column's filter of three-letter pieces is used. */
const likeText = (text: string): string => `%${text.replaceAll(/[\\%_]/g, '\\$&')}%`;

/** Turns a search into conditions: fixed fragments, every value a typed parameter. `from` and `to` are bound by the caller, window by window. */
export function eventFilter(query: EventQuery, now: number, uids?: readonly string[]): EventFilter {
  const to = query.to === undefined ? now + DAY_MS : Date.parse(query.to);
  const from = query.from === undefined ? (query.alert === undefined ? to - DEFAULT_DAYS * DAY_MS : 0) : Date.parse(query.from);
  const { network } = query;
  return {
    from,
    to,
    params: {
      ...Object.fromEntries(Object.entries({ ...query, uids }).filter(([, value]) => value !== undefined)),
      timezone: query.timezone ?? 'UTC',
      ...(query.text !== undefined && { text: likeText(query.text) }),
    },
    where: and(
      [`time >= ${at('windowFrom')}`, `time < ${at('windowTo')}`],
      when(query.identity, `(identity = {identity:String} OR target_identity = {identity:String})`),
      when(query.actor, `identity = {actor:String}`),
      when(query.account, `actor_name = {account:String}`),
      when(uids, `uid IN {uids:Array(String)}`),
      // An empty list that was given selects nothing.
      uids?.length === 0 ? ['0'] : [],
      when(query.source, `source IN {source:Array(String)}`),
      when(query.class, `class IN {class:Array(String)}`),
      when(query.activity, `activity = {activity:String}`),
      when(query.outcome, `outcome = {outcome:String}`),
      when(query.ip, `src_ip = {ip:String}`),
      when(network, IN_NETWORK),
      when(query.country, `country = {country:String}`),
      when(query.city, `city = {city:String}`),
      when(query.resource, `resource_name = {resource:String}`),
      when(query.application, `application = {application:String}`),
      when(query.device, `${DEVICE} = {device:String}`),
      when(query.weekday, `toDayOfWeek(time, 0, {timezone:String}) = {weekday:UInt8}`),
      when(query.hour, `toHour(time, {timezone:String}) = {hour:UInt8}`),
      when(query.minScore, `score >= {minScore:Float64}`),
      when(query.text, `searched LIKE lowerUTF8({text:String})`),
    ),
  };
}
