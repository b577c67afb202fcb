import type { Descriptor } from '../oci/descriptor.ts';

/** What is done with one layer's bytes. */
export type LayerStep =
  | { readonly action: 'untar'; readonly layer: Descriptor }
  /** ORAS: the blob is the file. */
  | { readonly action: 'file'; readonly layer: Descriptor; readonly path: string }
  /** ORAS: a packed folder; every entry must be under `path`. */
  | { readonly action: 'untar-under'; readonly layer: Descriptor; readonly path: string }
  /** The blob as it is, under a fixed name. */
  | { readonly action: 'archive'; readonly layer: Descriptor; readonly path: string };

/** Bottom first. A later step's entries win over an earlier's; whiteouts count where there is more than one `untar`. */
export type LayerPlan = readonly LayerStep[];
