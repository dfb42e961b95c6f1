/**
 * The words for electron-builder. A package for Debian names the home page of the project and who answers for the
 * package. Both are the packager's to say (`POSTRIDER_HOMEPAGE`, `POSTRIDER_MAINTAINER`), so without them no such
 * package is made: one with an address nobody has would be worse.
 */
export function packerWords(
  platform: NodeJS.Platform,
  env: Readonly<Record<string, string | undefined>>,
  given: readonly string[],
): { words: string[]; note?: string } {
  const { POSTRIDER_HOMEPAGE: homepage, POSTRIDER_MAINTAINER: maintainer } = env;
  if (homepage !== undefined && URL.parse(homepage)?.protocol !== 'https:')
    throw new Error('POSTRIDER_HOMEPAGE is to be an https address.');
  if (maintainer !== undefined && !/^[^<>]+ <[^<>@\s]+@[^<>@\s]+>$/.test(maintainer))
    throw new Error('POSTRIDER_MAINTAINER is to be a name and an address: Anna Example <anna@example.org>');
  const about = [
    ...(homepage === undefined ? [] : [`-c.extraMetadata.homepage=${homepage}`]),
    ...(maintainer === undefined ? [] : [`-c.linux.maintainer=${maintainer}`]),
  ];
  const isWhole = homepage !== undefined && maintainer !== undefined;
  if (platform !== 'linux' || isWhole || given.length > 0) return { words: [...about, ...given] };
  return {
    words: [...about, '--linux', 'AppImage'],
    note: 'Only the AppImage is made: a package for Debian wants POSTRIDER_HOMEPAGE and POSTRIDER_MAINTAINER.',
  };
}
