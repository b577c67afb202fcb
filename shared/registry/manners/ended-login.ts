/** ECR's and ECR Public's: an answer without a challenge, to a login that they take to be known and over. */
const WORDS = /authorization token (?:is invalid|has expired)|token (?:is |has )?expired/i;

/** Statuses that they say it under. */
const STATUSES: ReadonlySet<number> = new Set([400, 403]);

/** Whether a refusal says that what was sent is good no more, whatever right it gave. */
export const isEndedLogin = (status: number, text: string): boolean =>
  STATUSES.has(status) && WORDS.test(text);
