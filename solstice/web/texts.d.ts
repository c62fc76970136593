export const language: string;
export const direction: "ltr" | "rtl";
export const languages: [string, string][];
export const texts: Record<string, string | Record<string, string>>;
