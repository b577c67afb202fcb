/** Requests that it took to put an artifact's files where they are. S3 bills them alike, whatever they carry. */
export interface S3Spent {
  /** Of small files; tries that failed included. */
  readonly puts: number;
  /** Of large files: beginnings, parts and ends of multipart uploads. */
  readonly multipart: number;
  /** Within the bucket. */
  readonly copies: number;
}
