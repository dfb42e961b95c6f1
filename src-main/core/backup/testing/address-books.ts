import { DatabaseSync } from 'node:sqlite';

type Card = Readonly<Record<string, string>>;

/** An address book as Thunderbird 102 and later keeps it. Answers what ends the use of it: until then its log is apart. */
export function makeAbook(path: string, cards: readonly Card[], lists: readonly string[] = []): () => void {
  const db = new DatabaseSync(path);
  db.exec('PRAGMA journal_mode = WAL');
  db.exec('CREATE TABLE properties (card TEXT, name TEXT, value TEXT)');
  db.exec('CREATE TABLE lists (uid TEXT PRIMARY KEY, name TEXT, nickName TEXT, description TEXT)');
  db.exec('CREATE TABLE list_cards (list TEXT, card TEXT, PRIMARY KEY(list, card))');
  const property = db.prepare('INSERT INTO properties VALUES (?, ?, ?)');
  cards.forEach((card, at) => {
    for (const [name, value] of Object.entries(card)) property.run(`card-${at}`, name, value);
  });
  const list = db.prepare('INSERT INTO lists VALUES (?, ?, ?, ?)');
  lists.forEach((name, at) => {
    list.run(`list-${at}`, name, '', '');
    db.prepare('INSERT INTO list_cards VALUES (?, ?)').run(`list-${at}`, 'card-0');
  });
  return () => db.close();
}

/** The head every address book of Thunderbird until version 68 begins with (some of its columns). */
export const emptyOldAbook = `// <!-- <mdb:mork:z v="1.4"/> -->
< <(a=c)> // (f=iso-8859-1)
  (80=ns:addrbk:db:row:scope:card:all)(81=ns:addrbk:db:row:scope:list:all)
  (82=ns:addrbk:db:row:scope:data:all)(83=FirstName)(84=LastName)(87=DisplayName)
  (88=NickName)(89=PrimaryEmail)(8A=LowercasePrimaryEmail)
  (8B=SecondEmail)(B7=Notes)(BB=LastRecordKey)(BC
    =ns:addrbk:db:table:kind:pab)(BD=ListName)
  (C2=ns:addrbk:db:table:kind:deleted)>

`;

/**
 * Four people and a list, with what such files have: values in dictionaries and in place, octets and brackets escaped,
 * values that go on in the next line, changes appended in groups, a person removed, one whose address was changed.
 */
export const oldAbook = `${emptyOldAbook}<(8A=2)(81=Ann Example)(82=)(83=ann@example.com)(84=Bj$C3$B6rn)(85=bjoern@example.\\
org)(86=Smith \\(Bob\\))(87=bob@example.com)(88=gone@example.com)(89=Team)>
{1:^80 {(k^BC:c)(s=9)}
  [1:^82(^BB=5)]
  [1(^87^81)(^89^83)(^8A^83)(^8B=ann@home.example)(^B7=Met in $C3$84gypten)]
  [2(^83^84)(^84=K.)(^89^85)(^87^82)]
  [3(^87^86)(^89^87)]
  [4(^87=Gone)(^89^88)]
  [5(^87=No address)(^89=)]
  [1:^81(^BD^89)]}

@$\${1{@
<(90=new@example.com)>
{1:^80 {(k^BC:c)(s=9)}
  [-3(^87^86)(^89^90)]
  -4 }
{FFFFFFFC:^80 {(k^C2:c)(s=9)} [4(^87=Gone)]}
@$$}1}@
`;
