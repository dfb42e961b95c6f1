import type { CollectedAccount } from './job.ts';

const dayMs = 24 * 60 * 60 * 1000;
const monthDays = 30.44;

/** What a person is told of messages that were due on the server and stay, since this computer's clock is not believed. */
export function keptForClockWords({ messages, aheadMs, days }: NonNullable<CollectedAccount['keptForClock']>): string {
  const which = messages === 1 ? '1 message is' : `${messages} messages are`;
  const stay = messages === 1 ? 'It stays' : 'They stay';
  return `The clock of this computer is ${spanInWords(aheadMs)} further than at the last visit. ${which} due to be deleted on the server by that clock. ${stay} there for ${days === 1 ? '1 more day' : `${days} more days`}. Check the date of this computer.`;
}

function spanInWords(ms: number): string {
  const months = Math.round(ms / dayMs / monthDays);
  return months < 24 ? `${months} months` : `${Math.round(months / 12)} years`;
}
