import { askBacktest, BACKTEST_SETTINGS, cancelBacktest, lookAtBacktest } from '../backtests.js';
import { decideLink, linksOf, linkSummaryOf, undoLink } from '../links.js';
import { Random } from '../random.js';
import { page } from '../lists.js';
import { giveVerdict, previewOf, undoVerdict } from '../verdicts.js';
import type { Handlers } from './handler.js';

export const JUDGEMENTS: Handlers = {
  'verdicts.list': ({ organisation: { verdicts }, query: { state, alert, identity, ...query } }) =>
    page(
      verdicts.filter(
        (one) =>
          (state === undefined || one.state === state) &&
          (alert === undefined || one.alertUid === alert) &&
          (identity === undefined || one.identity.id === identity),
      ),
      query,
    ),
  'verdicts.preview': ({ organisation, params, body }) => previewOf(organisation, params['uid'] ?? '', body),
  'verdicts.create': ({ organisation, params, body, user }) => giveVerdict(organisation, params['uid'] ?? '', body, user),
  'verdicts.undo': ({ organisation, params, query, user }) => undoVerdict(organisation, params['uid'] ?? '', query['reason'] ?? '', user),
  'links.list': ({ organisation, query: { state, ...query } }) =>
    page(
      linksOf(organisation).filter((link) => state === undefined || state.split(',').includes(link.state)),
      query,
    ),
  'links.summary': ({ organisation }) => linkSummaryOf(organisation),
  'links.unresolved': () => ({ days: 7, accounts: 0, events: 0, bySystem: [], items: [] }),
  'links.decide': ({ organisation, body, user }) => decideLink(organisation, body, user),
  'links.undo': ({ organisation, params }) => undoLink(organisation, params['uid'] ?? ''),
  'backtests.settings': () => BACKTEST_SETTINGS,
  'backtests.list': ({ organisation: { backtests } }) => ({ items: backtests.map(({ result: _, ...summary }) => summary) }),
  'backtests.show': ({ organisation, params }) => lookAtBacktest(organisation, params['id'] ?? '', new Random(7)),
  'backtests.create': ({ organisation, body, user }) => askBacktest(organisation, body, user),
  'backtests.cancel': ({ organisation, params }) => cancelBacktest(organisation, params['id'] ?? ''),
};
