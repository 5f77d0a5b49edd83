import { isObject, text } from '../json.js';
import { headerOf, type Push } from '../push.js';

const CONFIRMATION_HOST = /^sns\.[a-z0-9-]{1,40}\.amazonaws\.com(?:\.cn)?$/;

/**
 * SNS asks whether the address wants the topic's messages by an address that somebody must open. Keyward opens none that comes from outside: it
 * says so in the log, and only when it is one of AWS.
 *
 * @see https://docs.aws.amazon.com/sns/latest/dg/SendMessageToHttp.prepare.html
 */
export const cloudtrailPush: Push = {
  notice: (headers, first) => {
    if (headerOf(headers, 'x-amz-sns-message-type') !== 'SubscriptionConfirmation') return undefined;
    const address = confirmationAddress(first);
    return address === undefined
      ? 'SNS asks for confirmation with an address that is none of AWS: not to be opened'
      : `Confirm the SNS subscription by opening ${address}`;
  },
};

function confirmationAddress(body: string): string | undefined {
  try {
    const message: unknown = JSON.parse(body);
    const address = isObject(message) ? text(message['SubscribeURL']) : undefined;
    if (address === undefined) return undefined;
    const { protocol, hostname, href } = new URL(address);
    return protocol === 'https:' && CONFIRMATION_HOST.test(hostname) ? href : undefined;
  } catch {
    return undefined;
  }
}
