/** One press away; the picker has all others. */
export const quickReactions: readonly string[] = ['👍', '❤️', '😂', '😮', '😢', '🎉'];
