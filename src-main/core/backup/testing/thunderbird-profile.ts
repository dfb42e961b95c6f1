import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** A message in a file of Thunderbird's. */
export interface MozillaMail {
  readonly subject: string;
  /** X-Mozilla-Status, hex; 0001 is read. */
  readonly status?: string;
  readonly status2?: string;
  readonly keys?: string;
  /** Collected by POP3: Thunderbird notes the account and the unique-id. */
  readonly uniqueId?: string;
  readonly body?: string;
}

/** The message as its server sent it. */
export function asSent({ subject, body = 'Hello.' }: MozillaMail): string {
  const lines = [
    'Return-Path: <ann@example.com>',
    'From: Ann <ann@example.com>',
    'To: bob@example.org',
    `Subject: ${subject}`,
    'Date: Mon, 01 Jan 2024 10:00:00 +0000',
    `Message-ID: <${Buffer.from(subject).toString('hex')}@example.com>`,
    '',
    body,
  ];
  return `${lines.join('\r\n')}\r\n`;
}

/** The message as Thunderbird keeps it, its own fields in front. */
function asKept(mail: MozillaMail): string {
  const { status = '0001', status2 = '00000000', keys = '', uniqueId } = mail;
  const pop = uniqueId === undefined ? [] : ['X-Account-Key: account1', `X-UIDL: ${uniqueId}`];
  const own = [
    ...pop,
    `X-Mozilla-Status: ${status}`,
    `X-Mozilla-Status2: ${status2}`,
    `X-Mozilla-Keys: ${keys.padEnd(80)}`,
  ];
  return `${own.join('\r\n')}\r\n${asSent(mail)}`;
}

export function mozillaMbox(mails: readonly MozillaMail[]): string {
  return mails.map((mail) => `From - Mon Jan 01 10:00:00 2024\r\n${asKept(mail)}\r\n`).join('');
}

/** The head of a summary file that tells a folder's real name, as Thunderbird writes it (Mork). */
function summaryNaming(name: string): string {
  const octets = [...Buffer.from(name)]
    .map((octet) =>
      octet >= 0x80 || octet === 0x24
        ? `$${octet.toString(16).toUpperCase()}`
        : octet === 0x29 || octet === 0x5c
          ? `\\${String.fromCharCode(octet)}`
          : String.fromCharCode(octet),
    )
    .join('');
  return `// <!-- <mdb:mork:z v="1.4"/> -->
< <(a=c)> // (f=iso-8859-1)
  (80=ns:msg:db:row:scope:dbfolderinfo:all)(81
    =ns:msg:db:table:kind:dbfolderinfo)(82=numMsgs)(A4=folderName)>

<(80=0)(91=${octets})(92=1)>
{1:^80 {(k^81:c)(s=9)}
  [1(^82=3)(^A4^91)]}
`;
}

/** Writes files below a directory, making what is missing. */
export async function writeTree(root: string, files: Readonly<Record<string, string | Uint8Array>>): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    const full = join(root, path);
    await mkdir(dirname(full), { recursive: true });
    if (path.endsWith('/')) await mkdir(full, { recursive: true });
    else await writeFile(full, content);
  }
}

const prefs = `# Mozilla User Preferences
// If you make changes to this file while the application is running, they are overwritten.
user_pref("mail.accountmanager.accounts", "account1,account2,account3,account4");
user_pref("mail.account.account1.server", "server1");
user_pref("mail.account.account1.identities", "id1");
user_pref("mail.account.account2.server", "server2");
user_pref("mail.account.account3.server", "server3");
user_pref("mail.account.account3.identities", "id2");
user_pref("mail.account.account4.server", "server4");
user_pref("mail.server.server1.type", "pop3");
user_pref("mail.server.server1.hostname", "pop.example.org");
user_pref("mail.server.server1.port", 995);
user_pref("mail.server.server1.socketType", 3);
user_pref("mail.server.server1.userName", "bob");
user_pref("mail.server.server1.name", "bob@example.org");
user_pref("mail.server.server1.directory-rel", "[ProfD]Mail/pop.example.org");
user_pref("mail.server.server2.type", "none");
user_pref("mail.server.server2.hostname", "Local Folders");
user_pref("mail.server.server2.name", "Local Folders");
user_pref("mail.server.server2.directory", "/home/of/somebody/else/.thunderbird/x/Mail/Local Folders");
user_pref("mail.server.server3.type", "imap");
user_pref("mail.server.server3.hostname", "imap.example.net");
user_pref("mail.server.server3.userName", "bob");
user_pref("mail.server.server3.name", "Bob at work");
user_pref("mail.server.server3.directory-rel", "[ProfD]ImapMail/imap.example.net");
user_pref("mail.server.server4.type", "rss");
user_pref("mail.server.server4.name", "Blogs");
user_pref("mail.server.server4.directory-rel", "[ProfD]Mail/Feeds");
user_pref("mail.identity.id1.fullName", "Bob \\"B\\" Builder");
user_pref("mail.identity.id1.useremail", "bob@example.org");
user_pref("mail.identity.id1.smtpServer", "smtp1");
user_pref("mail.identity.id2.fullName", "Bob");
user_pref("mail.identity.id2.useremail", "bob@example.net");
user_pref("mail.identity.id2.fcc_folder", "imap://bob@imap.example.net/Gesendete%20Objekte%20B");
user_pref("mail.smtpserver.smtp1.hostname", "smtp.example.org");
user_pref("mail.smtpserver.smtp1.port", 587);
user_pref("mail.smtpserver.smtp1.try_ssl", 2);
user_pref("mail.smtpserver.smtp1.username", "bob");
user_pref("mailnews.tags.$label1.tag", "Wichtig");
user_pref("mailnews.tags.$label1.color", "#ff0000");
user_pref("mailnews.tags.house.tag", "House and garden");
user_pref("mailnews.tags.house.color", "#009900");
`;

/**
 * A profile with what they have: an account of POP3 with deleted and tagged mail, Local Folders with nested, hashed and
 * non-ASCII ones, an IMAP account with copies here and without, feeds, a Maildir folder. `extra` adds files.
 */
export async function makeThunderbirdProfile(
  path: string,
  extra: Readonly<Record<string, string | Uint8Array>> = {},
): Promise<void> {
  const inbox = mozillaMbox([
    { subject: 'read', uniqueId: 'u1' },
    { subject: 'new', status: '0000', uniqueId: 'u2' },
    { subject: 'deleted', status: '0009', uniqueId: 'u3' },
    { subject: 'marked', status: '1007', keys: '$label1 house nonjunk $MDNSent', uniqueId: 'u4' },
    { subject: 'old label', status2: '04000000', uniqueId: 'u5' },
    { subject: 'begun', status: '0401', uniqueId: 'u6' },
  ]);
  await writeTree(path, {
    'prefs.js': prefs,
    'Mail/pop.example.org/Inbox': inbox,
    'Mail/pop.example.org/Inbox.msf': '// <!-- <mdb:mork:z v="1.4"/> -->\n',
    'Mail/pop.example.org/popstate.dat': '# POP3 State File\n',
    'Mail/pop.example.org/msgFilterRules.dat': 'version="9"\n',
    'Mail/pop.example.org/Trash': mozillaMbox([{ subject: 'thrown away' }]),
    'Mail/pop.example.org/Unsent Messages': '',
    'Mail/Local Folders/Archives.sbd/2023': mozillaMbox([{ subject: 'of 2023' }]),
    'Mail/Local Folders/Archives': '',
    'Mail/Local Folders/Räume.sbd/Küche': mozillaMbox([{ subject: 'stove' }]),
    'Mail/Local Folders/Räume': mozillaMbox([{ subject: 'walls', body: 'From here\r\n>From there' }]),
    'Mail/Local Folders/Plan1a2b3c4d': mozillaMbox([{ subject: 'hashed' }]),
    'Mail/Local Folders/Plan1a2b3c4d.msf': summaryNaming('Pläne: was (wenn) 50/50?'),
    'Mail/Local Folders/Outbox': mozillaMbox([{ subject: 'never sent' }]),
    'Mail/Local Folders/Kept/cur/1700000000000.eml': asKept({ subject: 'in a Maildir', status: '0005', keys: 'house' }),
    'Mail/Local Folders/Kept/cur/1700000000001.eml': asKept({ subject: 'gone', status: '0008' }),
    'Mail/Local Folders/Kept/tmp/': '',
    'ImapMail/imap.example.net/INBOX': mozillaMbox([
      { subject: 'from the server' },
      { subject: 'struck out', status2: '00200000' },
    ]),
    'ImapMail/imap.example.net/INBOX.msf': '',
    'ImapMail/imap.example.net/R&AOQ-ume.sbd/Alt': mozillaMbox([{ subject: 'draft of old' }]),
    'ImapMail/imap.example.net/R&AOQ-ume.msf': '',
    'ImapMail/imap.example.net/Gesendete Objekte B': mozillaMbox([{ subject: 'sent by imap' }]),
    'ImapMail/imap.example.net/Far away.msf': '',
    'Mail/Feeds/Some blog': mozillaMbox([{ subject: 'a post' }]),
    ...extra,
  });
}
