import type { MailErrorCode } from '#shared/mail-error.ts';

interface Words {
  readonly headline: string;
  readonly meaning: string;
  readonly advice: string;
}

const nothingLost = 'No mail was lost or changed.';
const mailWaits = 'No mail was lost. What waits to be sent stays in the Outbox; what waits on the server stays there.';

/** For every way something can fail: what happened, what it means for the mail, what to do. */
export const errors: Readonly<Record<MailErrorCode, Words>> = {
  EINTERNAL: {
    headline: 'Something went wrong inside Postrider',
    meaning: nothingLost,
    advice: 'Try it once more. If it happens again, the log in the profile folder says more.',
  },
  EINVALID: {
    headline: 'That cannot be done as asked',
    meaning: 'Nothing was changed.',
    advice: 'Look at what was entered; the details say which part does not fit.',
  },
  ENOTFOUND: {
    headline: 'It is no longer there',
    meaning: 'It may have been moved or removed in another window or by another program.',
    advice: 'Look in the other folders, or search for it.',
  },
  ECANCELLED: {
    headline: 'Stopped',
    meaning: 'What was finished before stays; nothing was left half done.',
    advice: 'Start it again whenever you like.',
  },
  EUNKNOWNHOST: {
    headline: 'There is no server of this name',
    meaning: mailWaits,
    advice: 'Check the spelling of the server name. If it is right, the name service of this network may not answer.',
  },
  EREFUSED: {
    headline: 'The server does not accept connections on this port',
    meaning: mailWaits,
    advice: 'Check the port and the kind of security, or try another port. The server may also be down for a moment.',
  },
  ETIMEOUT: {
    headline: 'The server did not answer in time',
    meaning: mailWaits,
    advice: 'Try again in a while. If it never answers here, this network may block the port; another port may work.',
  },
  EUNREACHABLE: {
    headline: 'The server cannot be reached from this network',
    meaning: mailWaits,
    advice: 'Check the connection of this computer. Some servers can be reached from their own network only.',
  },
  EOFFLINE: {
    headline: 'This computer is not connected to a network',
    meaning: mailWaits,
    advice: 'Connect to a network. Sending and collecting go on by themselves.',
  },
  ECLOSED: {
    headline: 'The connection was closed in the middle',
    meaning: mailWaits,
    advice: 'Try again. If it keeps happening, the details show how far the conversation came.',
  },
  EPROTOCOL: {
    headline: 'The server answered in a way that makes no sense',
    meaning: mailWaits,
    advice: 'Check that host and port belong to the right kind of server. The details show its words.',
  },
  ETLS: {
    headline: 'No secure connection could be made',
    meaning: 'Nothing was sent over it, no password and no mail.',
    advice: 'Check whether this port wants TLS from the start or STARTTLS. The details show what failed.',
  },
  ECERT_EXPIRED: {
    headline: 'The certificate of the server is out of date',
    meaning: 'Postrider stopped before sending a password or any mail.',
    advice: 'Tell whoever runs the server. Check the date of this computer too.',
  },
  ECERT_SELFSIGNED: {
    headline: 'The server vouches only for itself',
    meaning: 'Its certificate is signed by nobody else, so Postrider stopped before sending a password or any mail.',
    advice: 'If this is your own server, compare the fingerprint and accept this one certificate.',
  },
  ECERT_HOST: {
    headline: 'The certificate belongs to another server name',
    meaning: 'Postrider stopped before sending a password or any mail.',
    advice: 'Use the name that stands in the certificate, if it is the right server. The details show it.',
  },
  ECERT_UNTRUSTED: {
    headline: 'The certificate was issued by someone this computer does not know',
    meaning: 'Postrider stopped before sending a password or any mail.',
    advice: 'If your organisation runs the server, compare the fingerprint with them and accept this certificate.',
  },
  ECERT_CHANGED: {
    headline: 'The server shows another certificate than the one you accepted',
    meaning: 'Someone may be answering in its place. Nothing was sent.',
    advice: 'Ask whoever runs the server whether the certificate was renewed before you accept the new one.',
  },
  ENOSTARTTLS: {
    headline: 'The server does not offer encryption on this port',
    meaning: 'It is set to STARTTLS and the server did not offer it, so nothing was sent, no password and no mail.',
    advice: 'Try TLS on port 465 or 995. If it worked before on another network, something here may be in between.',
  },
  EINTERCEPTED: {
    headline: 'Something else answers in the place of this server here',
    meaning: 'It introduces itself as another server than before on this port, so nothing was sent to it.',
    advice: 'Use an encrypted port, or accept this network’s relay in the server’s settings if you trust it.',
  },
  EAUTH: {
    headline: 'The server did not accept the user name or password',
    meaning: mailWaits,
    advice: 'Enter the password again. Some providers want a separate app password for mail programs.',
  },
  EAUTH_TEMPORARY: {
    headline: 'The server cannot check passwords right now',
    meaning: mailWaits,
    advice: 'Nothing needs to be done: it is tried again later.',
  },
  EAUTH_SETUP: {
    headline: 'Signing in is set up in a way the server does not take',
    meaning: mailWaits,
    advice: 'Choose another way to sign in, or encryption; the server says in the details what it wants.',
  },
  ENEEDS_PASSWORD: {
    headline: 'The password is needed',
    meaning: mailWaits,
    advice: 'Enter the password; it is kept where Settings says.',
  },
  EIN_USE: {
    headline: 'Another program is collecting from this mailbox',
    meaning: 'The mail on the server is untouched.',
    advice: 'Nothing needs to be done: it is tried again in a minute or two.',
  },
  ELOGIN_DELAY: {
    headline: 'The server wants a pause between two collections',
    meaning: 'The mail on the server is untouched.',
    advice: 'It is tried again after the pause. Check this account less often in Settings.',
  },
  EMAILBOX: {
    headline: 'The mailbox is out of order on the server',
    meaning: 'The mail on the server is untouched. It is not tried again by itself, since that would not help.',
    advice: 'Tell the provider what the server said; the details have its words. Then collect again.',
  },
  EREJECTED: {
    headline: 'The server refused it',
    meaning: 'It was not sent by this server. The message is safe.',
    advice: 'Read the server’s words in the details, then change what it objects to or send by another server.',
  },
  ETRANSIENT: {
    headline: 'The server cannot do it right now',
    meaning: mailWaits,
    advice: 'Nothing needs to be done: it is tried again later.',
  },
  EUNCERTAIN: {
    headline: 'It is not known whether the message arrived',
    meaning: 'The connection was lost before the server confirmed it. It is held, and never sent again by itself.',
    advice: 'Ask the recipient or look for a reply, then say whether it arrived or should be sent again.',
  },
  ENOBODY_TAKES_IT: {
    headline: 'No outgoing server takes this message now',
    meaning: 'It is safe in the Outbox and is tried again by itself.',
    advice: 'The Outbox shows which servers were tried and why each was left out.',
  },
  EDISKFULL: {
    headline: 'The disk is full',
    meaning: 'Mail that could not be written safely stays on the server.',
    advice: 'Make room on the disk, then try again.',
  },
  EIO: {
    headline: 'The disk did not read or write as it should',
    meaning: 'What could not be written safely was not counted as done.',
    advice: 'Check the disk and make a copy of your mail. Then try again.',
  },
  EPERMISSION: {
    headline: 'This computer does not allow it',
    meaning: nothingLost,
    advice: 'Check who may read and write that file or folder, or choose another.',
  },
  ELOCKED: {
    headline: 'Another Postrider uses this profile',
    meaning: 'Only one may write to the same mail, so that none is lost.',
    advice: 'Use the window that is open, or close it first.',
  },
  EVERSION: {
    headline: 'Two versions of Postrider met',
    meaning: nothingLost,
    advice: 'Close every window of Postrider and start it again.',
  },
  ESETTINGS: {
    headline: 'The settings could not be read',
    meaning: 'The file was kept aside as it is. Your mail is not touched.',
    advice: 'Set up your accounts again, or put a copy of the settings file back.',
  },
  EMAILFOLDER: {
    headline: 'The Mail folder is not where it should be',
    meaning: 'Collecting stopped, so that nothing is written to the wrong place. The mail on the server is untouched.',
    advice: 'Connect the disk or the cloud folder that holds it, then start Postrider again.',
  },
  EMALFORMED: {
    headline: 'The message is damaged',
    meaning: 'It is kept exactly as it came and shown as well as can be.',
    advice: 'Look at its source, or ask the sender to send it again.',
  },
  ETOOLARGE: {
    headline: 'It is too large',
    meaning: nothingLost,
    advice: 'Make it smaller, or send large attachments another way.',
  },
};
