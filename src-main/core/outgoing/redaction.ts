const dots = '••••••••';

/** Shorter ones are not looked for: they would be found in every other word. */
const shortest = 4;

/** Keeps what was said while signing in out of what a server says after it: some repeat what they did not like. */
export interface Redaction {
  /** A secret that is about to be said, in this form or in base64. */
  hide(...secrets: readonly string[]): void;
  clean(text: string): string;
}

export function createRedaction(): Redaction {
  const hidden = new Set<string>();
  /** The longest first: a shorter one may be part of it. */
  let sorted: string[] = [];
  return {
    hide(...secrets) {
      const forms = secrets.flatMap((secret) => [secret, Buffer.from(secret, 'utf8').toString('base64')]);
      for (const form of forms) if (form.length >= shortest) hidden.add(form);
      sorted = [...hidden].sort((a, b) => b.length - a.length);
    },
    clean: (text) => sorted.reduce((clean, form) => clean.replaceAll(form, dots), text),
  };
}

/** The forms in which a password is said: by itself (LOGIN), and with the user name (PLAIN, RFC 4616). */
export function formsOf({ user, password }: { user: string; password: string }): string[] {
  return password.length < shortest ? [`\0${user}\0${password}`] : [password, `\0${user}\0${password}`];
}
