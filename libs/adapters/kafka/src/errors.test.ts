import kafkajs from 'kafkajs';
import { describe, expect, it } from 'vitest';
import { translateKafkaError } from './errors.js';

const protocolError = (type: string, retriable: boolean): Error =>
  Object.assign(new kafkajs.KafkaJSNonRetriableError(type), { name: 'KafkaJSProtocolError', type, retriable });

describe('what a failure of Kafka means', () => {
  it.each([
    ['no connection', new kafkajs.KafkaJSConnectionError('connect ECONNREFUSED'), 'bus.unavailable'],
    ['given up', new kafkajs.KafkaJSNumberOfRetriesExceeded(new Error('x'), { retryCount: 5, retryTime: 1 }), 'bus.unavailable'],
    ['a leader election', protocolError('LEADER_NOT_AVAILABLE', true), 'bus.unavailable'],
    ['a fenced producer', protocolError('PRODUCER_FENCED', false), 'bus.fenced'],
    ['an old epoch', protocolError('INVALID_PRODUCER_EPOCH', false), 'bus.fenced'],
    ['a large record', protocolError('MESSAGE_TOO_LARGE', false), 'bus.record_too_large'],
    ['a missing right', protocolError('TOPIC_AUTHORIZATION_FAILED', false), 'bus.forbidden'],
  ])('%s', (_, error, code) => {
    expect(translateKafkaError(error)).toMatchObject({ code });
  });
  it('leaves a bug as it is', () => {
    const bug = new TypeError('x is not a function');
    expect(translateKafkaError(bug)).toBe(bug);
    expect(translateKafkaError('text')).toBe('text');
  });
});
