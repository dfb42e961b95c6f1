import type { Texts } from '../texts.ts';

export const accountSetup = {
  title: 'Set up mail',
  steps: 'Steps',
  'page.you': 'You',
  'page.incoming': 'Receiving',
  'page.outgoing': 'Sending',
  'page.test': 'Test',
  'page.summary': 'Summary',
  next: 'Next',
  back: 'Back',

  practice: 'Try it with a practice mailbox',
  'practice.ready': 'The practice mailbox is ready. Write to anyone: it stays on this computer.',

  'you.title': 'Who are you?',
  'you.text': 'This is what people see when you write to them.',
  name: 'Your name',
  address: 'Mail address',
  purpose: 'What it is for',
  'purpose.both': 'Receiving and sending',
  'purpose.receive-only': 'Receiving only',
  'purpose.send-only': 'Sending only',
  looking: 'Looking for the servers of {domain} …',
  'looking.skip': 'Enter them myself',

  'incoming.title': 'Where does your mail wait?',
  'incoming.provider-table': 'These are the servers of {provider}.',
  'incoming.dns': 'This is what {domain} announces.',
  'incoming.guess': 'These are the usual names; the test will tell whether they are right.',
  'incoming.protocol': 'Mail is collected by POP3 and kept on this computer.',
  user: 'User name',
  password: 'Password',
  'password.meaning': 'It is sent to no one but this server. Where it is kept: {where}.',
  'password.later': 'You can leave it empty; it is asked for when it is needed.',
  tryHost: 'Or try',

  'outgoing.title': 'How may your mail leave?',
  'outgoing.text':
    'One server is enough. With several, a message goes by the first one that takes it from where you are: the office, home, a café.',
  'outgoing.server': 'Outgoing server {number}',
  'outgoing.label': 'Name',
  'outgoing.label.meaning': 'What you call it.',
  'outgoing.signIn': 'Sign in with',
  'outgoing.signIn.shared': 'the same user name and password',
  'outgoing.signIn.own': 'another user name and password',
  'outgoing.signIn.none': 'nothing: the server knows me by my network',
  'outgoing.add': 'Add another outgoing server',
  'outgoing.remove': 'Remove this server',
  'outgoing.existing': 'Servers you have already',
  'outgoing.bigProvider':
    'Only this provider’s own servers may send for its addresses, so mail from this address will use them and no others.',
  'outgoing.tooMany':
    'Only this provider’s own servers may send for its addresses. Mail that goes by another server may land in junk or be refused.',

  'test.title': 'Does it work?',
  'test.text': 'Each server is asked now, step by step. Nothing is collected, sent or kept yet.',
  'test.incoming': 'Receiving',
  'test.outgoing': 'Sending by {server}',
  'test.edit': 'Edit these settings',
  'test.all': 'Everything works.',
  'test.failed': 'Something does not work yet. Edit it, or save it anyway and come back later.',
  'test.running': 'Testing …',
  'test.saveAnyway': 'Save anyway',

  'summary.title': 'What will happen',
  'summary.collect':
    'Mail for {address} is collected from {server} now, whenever Postrider starts, and every 10 minutes while it runs.',
  'summary.keep': 'Each message becomes a file in {folder}.',
  'summary.leave': 'Nothing is deleted on the server. Other devices can collect the same mail.',
  'summary.delete':
    'Each message is deleted on the server once its file is safe on this disk. From then on this computer holds the only copy.',
  'summary.leave-days': {
    one: 'Messages stay on the server for a day after they were collected, then they are deleted there.',
    other: 'Messages stay on the server for {count} days after they were collected, then they are deleted there.',
  },
  'summary.delete-when-removed':
    'Messages stay on the server until you remove them here; then they are deleted there too.',
  'summary.receive-only': 'No mail is sent from this address.',
  'summary.send-only': 'No mail is collected for this address.',
  'summary.by-one':
    'Mail from {address} leaves by {server}. If it cannot take a message, the message waits in the Outbox.',
  'summary.by-only':
    'Mail from {address} leaves only by {server}, never another. If it cannot take a message, the message waits in the Outbox.',
  'summary.by-several':
    'Mail from {address} leaves by the first of these that takes it: {servers}. If none does, it waits in the Outbox and is tried again.',
  'summary.passwords': 'Where passwords are kept: {where}.',
  finish: 'Finish and collect',
  'finish.sendOnly': 'Finish',
  done: '{address} is set up.',

  'problem.address-missing': 'Enter your mail address.',
  'problem.address-wrong': 'This is not a complete address (name@example.com).',
  'problem.user-missing': 'Enter the user name.',
  'problem.outgoing-missing': 'Add a server, or choose one you have.',
  'problem.days-wrong': 'From 1 to 3650 days.',
} as const satisfies Texts;
