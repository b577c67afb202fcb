/** A word for a POSIX shell, which a user may paste. */
export const shellWord = (text: string): string =>
  /^[A-Za-z0-9._:/@%+=,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
