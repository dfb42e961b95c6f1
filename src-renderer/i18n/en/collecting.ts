import type { Texts } from '../texts.ts';

/** Large messages, looking first, and what an account says about both. */
export const collecting = {
  'beginning.title': 'Only the beginning of this message is here ({size}).',
  'beginning.from': 'The rest, with what is attached, is on the server of {account}.',
  'beginning.gone':
    'No account knows of the rest any more: it was deleted on the server, or its account was removed here.',
  'beginning.get': 'Get the whole message',
  'beginning.again': 'Look for it again',
  'beginning.stop': 'Stop',
  'beginning.getting': 'Getting the whole message',
  'beginning.far': '{done} of {total}',
  'beginning.got': 'The whole message is here.',
  'beginning.gotDeleted': 'The whole message is here, and was deleted on the server, as its account says.',
  'beginning.mark': 'only the beginning is here, of {size}',
  'beginning.row': 'Beginning of {size}',
  'beginning.reply':
    'You are answering a message of which only the beginning is here. Get the whole message first if you mean to quote all of it.',
  'beginning.forward':
    'Only the beginning of this message is here, so only that is forwarded, without what is attached to it. Get the whole message first to forward all of it.',

  'exported.beginnings': {
    one: 'One large message is here by its beginning only, and went out so. Its file name says it.',
    other: '{count} large messages are here by their beginning only, and went out so. Their file names say it.',
  },

  'account.large': 'Large messages',
  'account.large.text':
    'Of messages larger than this only the beginning is collected; one press gets the rest. 0: every message comes whole.',
  'account.warn': 'Warn when the mailbox fills up',
  'account.warn.text':
    'Says so when the mail on the server takes more than this, before the provider turns new mail away. 0: never.',
  'account.megabytes': 'MB',
  'account.shared': 'This mailbox is shared by several people or a whole domain',
  'account.shared.text': 'Its mail is sorted by the address each message was delivered to.',
  'account.shared.warning':
    'Mail to hidden recipients (Bcc) and from mailing lists can be sorted only if the provider delivers one copy for each recipient and names the recipient in one of these fields. Mail that names none of your addresses goes to the folder Unsorted, never away.',
  'account.shared.fields': 'Fields that name the recipient',
  'account.shared.fields.text':
    'The first that stands in a message counts. Empty: Delivered-To, X-Original-To, X-Envelope-To.',
  'account.shared.match': 'Address, or @domain',
  'account.shared.folder': 'Folder',
  'account.shared.add': 'Add an address',
  'account.shared.remove': 'Remove {match}',
  'account.shared.wrong':
    'Each line needs an address like ann@example.org or a domain like @example.org, and a folder.',

  'look.title': 'Look first',
  'look.description': 'What waits on the server. Nothing is collected or deleted until you say so.',
  'look.open': 'Look first',
  'look.open.of': 'Look first at {label}',
  'look.account': 'Account',
  'look.again': 'Look again',
  'look.looking': 'Looking at the server',
  'look.none': 'Nothing waits there',
  'look.noneText': 'The mailbox on the server is empty.',
  'look.failed': 'The server could not be looked at',
  'look.noAccount': 'No account yet',
  'look.noAccountText': 'Add an account to see what waits on its server.',
  'look.total': {
    one: 'One message on the server, {size}.',
    other: '{count} messages on the server, {size}.',
  },
  'look.choosing': 'Choose what to collect or delete.',
  'look.chosen': { one: 'One chosen, {size}.', other: '{count} chosen, {size}.' },
  'look.noHeaders': 'This server shows who wrote a message only once it is collected.',
  'look.collect': 'Collect',
  'look.delete': 'Delete on the server',
  'look.more': 'Show more',
  'look.all': 'Choose all',
  'look.choose': 'Choose “{subject}”',
  'look.from': 'From',
  'look.subject': 'Subject',
  'look.date': 'Date',
  'look.size': 'Size',
  'look.here': 'Here',
  'look.here.whole': 'Here',
  'look.here.beginning': 'Beginning',
  'look.here.removed': 'Removed here',
  'look.here.no': 'Not here',
  'look.unknown': 'Not known yet',
  'look.gone': 'It went from the server meanwhile',
  'look.collecting': 'Collecting what you chose',
  'look.collected': { one: 'One message was collected.', other: '{count} messages were collected.' },
  'look.deleted': {
    one: 'One message was deleted on the server.',
    other: '{count} messages were deleted on the server.',
  },
  'look.refused': {
    one: 'One was not deleted: {why}',
    other: '{count} were not deleted: {why}',
  },
  'look.ask.title': { one: 'Delete this message on the server?', other: 'Delete {count} messages on the server?' },
  'look.ask.here': 'All of it is safe here and stays here.',
  'look.ask.lostOnly': 'It is not here whole. It will be gone for good and cannot be got back.',
  'look.ask.lost': {
    one: 'One of them is not here whole. It will be gone for good and cannot be got back.',
    other: '{count} of them are not here whole. They will be gone for good and cannot be got back.',
  },
  'look.ask.act': { one: 'Delete it on the server', other: 'Delete {count} on the server' },
  'look.ask.lostAct': { one: 'Delete it for good', other: 'Delete {count} for good' },
} as const satisfies Texts;
