/** How long texts in records may be, in bytes of UTF-8. Apart, so that who writes them needs no codec. */
export const textLimitBytes = 16 * 1024;
export const nameLimitBytes = 256;
