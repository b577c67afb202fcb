import * as z from 'zod/mini';

export const SEVERITIES = ['info', 'warning', 'error'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** What facts a notification may have beside its words; each is text. */
export const FACTS = [
  ...(['source', 'namespace', 'name', 'deploy', 'kind', 'revision', 'digest', 'generation'] as const),
  ...(['previous', 'commit', 'repository', 'code', 'attempts', 'duration', 'next', 'by'] as const),
] as const;
export type FactName = (typeof FACTS)[number];

export const notificationSchema = z.readonly(
  z.object({
    /** Stable: the same happening has the same one, however often it is heard of. */
    id: z.string(),
    /** What it is of: a source, or a deploy of one. */
    subject: z.string(),
    /** The detail-type of its event, or `Source Suspended`. */
    type: z.string(),
    /** `news` neither begins a failure nor ends one. */
    state: z.enum(['failing', 'well', 'pending', 'news']),
    severity: z.enum(SEVERITIES),
    /** One line, without a full stop. */
    title: z.string(),
    /** The cause first; may be empty. */
    text: z.string(),
    facts: z.readonly(z.record(z.string(), z.string())),
    /** RFC 3339. */
    at: z.string(),
  }),
);

/** What somebody is told, once, in whatever form their provider has. All of it is plain text, and foreign. */
export type Notification = z.infer<typeof notificationSchema>;
