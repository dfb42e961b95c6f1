import { randomUUID } from 'node:crypto';
import type { EngineParts } from './engine-parts.ts';
import * as ledger from './ledger.ts';
import * as networks from './ledger-networks.ts';
import * as outbox from './ledger-outbox.ts';
import * as quarantine from './ledger-quarantine.ts';
import * as rules from './ledger-rules.ts';
import type { EngineMethods } from './store-protocol.ts';

type LedgerMethod =
  | 'ledgerVersion'
  | 'knownUniqueIds'
  | 'recordUniqueIds'
  | 'forgetUniqueIds'
  | 'forgetAccount'
  | 'collectedAs'
  | 'putOutbox'
  | 'activeOutbox'
  | 'outboxRecord'
  | 'outboxOfMessage'
  | 'knowsMessageId'
  | 'removeOutbox'
  | 'appendAttempts'
  | 'attemptsOf'
  | 'attemptsOfActive'
  | 'recentAttempts'
  | 'deliveryMemory'
  | 'putDeliveryMemory'
  | 'networks'
  | 'putNetwork'
  | 'removeNetwork'
  | 'acceptedSince'
  | 'acceptedAt'
  | 'arrivals'
  | 'removeArrivals'
  | 'repliedAt'
  | 'putReply'
  | 'junkTotals'
  | 'junkWords'
  | 'trainJunk'
  | 'forgetJunk'
  | 'quarantineRecord'
  | 'quarantineRecords'
  | 'settleQuarantine'
  | 'ruleProblems'
  | 'putRuleProblems'
  | 'forgetRuleProblems';

/** What collecting and sending must remember; every change waits for its commit to be on the disk. */
export function ledgerMethods({ ledger: sql, group }: EngineParts): Pick<EngineMethods, LedgerMethod> {
  /** What was asked to be written before the question is in the answer. */
  const upToDate = async <T>(read: () => T): Promise<T> => {
    group.flush();
    return read();
  };
  const opened = randomUUID();
  return {
    ledgerVersion: () => upToDate(() => `${opened}.${ledger.ledgerChanges(sql)}`),
    knownUniqueIds: async (accountId) => ledger.knownUniqueIds(sql, accountId),
    recordUniqueIds: (accountId, entries) =>
      group.commit(() => {
        for (const entry of entries) ledger.putUniqueId(sql, accountId, entry);
      }),
    forgetUniqueIds: (accountId, uniqueIds) => group.commit(() => ledger.forgetUniqueIds(sql, accountId, uniqueIds)),
    forgetAccount: (accountId) => group.commit(() => ledger.forgetAccount(sql, accountId)),
    collectedAs: (messageKey) => upToDate(() => ledger.collectedAs(sql, messageKey)),
    putOutbox: (records, urgency) => group.commit(() => outbox.putOutbox(sql, records), urgency),
    activeOutbox: () => upToDate(() => outbox.activeOutbox(sql)),
    outboxRecord: (outboxId) => upToDate(() => outbox.outboxRecord(sql, outboxId)),
    outboxOfMessage: (messageKey) => upToDate(() => outbox.outboxOfMessage(sql, messageKey)),
    knowsMessageId: (messageId) => upToDate(() => outbox.knowsMessageId(sql, messageId)),
    removeOutbox: (outboxId) => group.commit(() => outbox.removeOutbox(sql, outboxId)),
    appendAttempts: (outboxId, attempts) => group.commit(() => outbox.appendAttempts(sql, outboxId, attempts), 'soon'),
    attemptsOf: (outboxId) => upToDate(() => outbox.attemptsOf(sql, outboxId)),
    attemptsOfActive: () => upToDate(() => outbox.attemptsOfActive(sql)),
    recentAttempts: (limitPerServer) => upToDate(() => outbox.recentAttempts(sql, limitPerServer)),
    deliveryMemory: async () => outbox.deliveryMemory(sql),
    putDeliveryMemory: (entries, removedKeys) =>
      group.commit(() => outbox.putDeliveryMemory(sql, entries, removedKeys)),
    networks: async () => networks.networks(sql),
    putNetwork: (network) => group.commit(() => networks.putNetwork(sql, network)),
    removeNetwork: (locationId) => group.commit(() => networks.removeNetwork(sql, locationId)),
    acceptedSince: (since, until) => upToDate(() => outbox.acceptedSince(sql, since, until)),
    acceptedAt: (serverId, nth, until) => upToDate(() => outbox.acceptedAt(sql, serverId, nth, until)),
    arrivals: (limit) => upToDate(() => rules.arrivals(sql, limit)),
    removeArrivals: (keys) => group.commit(() => rules.removeArrivals(sql, keys)),
    repliedAt: (identityId, sender) => upToDate(() => rules.repliedAt(sql, identityId, sender)),
    putReply: (identityId, sender, at) => group.commit(() => rules.putReply(sql, identityId, sender, at)),
    junkTotals: () => upToDate(() => rules.junkTotals(sql)),
    junkWords: (words) => upToDate(() => rules.junkWords(sql, words)),
    trainJunk: (messageKey, kind, words) => group.commit(() => rules.trainJunk(sql, messageKey, kind, words)),
    forgetJunk: () => group.commit(() => rules.forgetJunk(sql)),
    quarantineRecord: (messageKey) => upToDate(() => quarantine.quarantineRecord(sql, messageKey)),
    quarantineRecords: () => upToDate(() => quarantine.quarantineRecords(sql)),
    settleQuarantine: (settled) => group.commit(() => quarantine.settleQuarantine(sql, settled)),
    ruleProblems: (of) => upToDate(() => quarantine.ruleProblems(sql, of)),
    putRuleProblems: (messageKey, problems) =>
      group.commit(() => quarantine.putRuleProblems(sql, messageKey, problems)),
    forgetRuleProblems: (ruleId) => group.commit(() => quarantine.forgetRuleProblems(sql, ruleId)),
  };
}
