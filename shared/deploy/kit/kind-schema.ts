import type * as z from 'zod/mini';

/** What a document may say of a kind, without the kind itself: whoever only reads documents loads no more. */
export interface KindSchema {
  readonly kind: string;
  /** The kind's own fields: see DeployDefinition. */
  readonly settings: z.ZodMiniObject<z.core.$ZodShape>;
  /** Its target works on after a step: a run may take hours. */
  readonly isLong: boolean;
  /** Of the fields that all have, those that would do nothing here, each with why: refused, and not left out in silence. */
  readonly lacks?: Readonly<Record<string, string>>;
  /** The kind is not known here: its own fields are whatever they are. */
  readonly isOpen?: true;
  /** It is for one cluster, and a document may name several: which of its fields one of those may have of its own. */
  readonly ofCluster?: readonly string[];
  /** Sources that the settings name beside the deploy's own: a new revision of one makes a deploy, too. */
  readonly uses?: (settings: never) => readonly string[];
  /** Makes paths of the settings absolute: in a document they start at its folder. */
  readonly locate?: (settings: never, from: (path: string) => string) => object;
}
