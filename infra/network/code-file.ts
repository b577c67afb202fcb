/** Text that goes into a function's code as the file `name`. */
export interface CodeFile {
  readonly name: string;
  readonly text: string;
  /** Tells codes with different files apart. */
  readonly digest: string;
}
