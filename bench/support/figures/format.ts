const MB = 1e6;

export const seconds = (milliseconds: number): string => `${(milliseconds / 1000).toFixed(2)} s`;

export const milliseconds = (value: number): string => `${value.toFixed(value < 10 ? 1 : 0)} ms`;

export const megabytes = (bytes: number): string => `${Math.round(bytes / MB)} MB`;

export const ratio = (value: number): string => value.toFixed(2);

export const rate = (perSecond: number): string => `${Math.round(perSecond).toLocaleString('en')}/s`;
