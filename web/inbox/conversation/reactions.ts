/** The reactions that there are, with their signs. */
export const REACTIONS: Readonly<Record<string, string>> = {
  like: '👍', dislike: '👎', redHeart: '❤️', faceWithTearsOfJoy: '😂', fire: '🔥', clappingHands: '👏', wonder: '😮', cry: '😢', angry: '😠', partyingFace: '🥳', eyes: '👀', foldedHands: '🙏',
  hundredPoints: '💯', smilingFaceWithHeartEyes: '😍', thinkingFace: '🤔', whiteHeavyCheckMark: '✅', crossMark: '❌', handshake: '🤝', okHand: '👌', raisedHand: '✋', flexedBiceps: '💪', lightBulb: '💡', questionMark: '❓', exclamationMark: '❗',
  laugh: '😆', slightlySmilingFace: '🙂', winkingFace: '😉', kiss: '😘', neutralFace: '😐', slightlyFrowningFace: '🙁', loudlyCryingFace: '😭', faceWithStuckOutTongue: '😛', faceWithStuckOutTongueAndWinkingEye: '😜',
  smilingFaceWithSunglasses: '😎', confusedFace: '😕', flushedFace: '😳', smilingFaceWithHorns: '😈', faceWithThermometer: '🤒', facepalm: '🤦', poo: '💩', smilingFaceWithHearts: '🥰', pleadingFace: '🥺', relievedFace: '😌',
  signHorns: '🤘', loveYouGesture: '🤟', clownFace: '🤡', bomb: '💣', sleepingSymbol: '💤',
};

/** Those that are offered first. */
export const FIRST = ['like', 'redHeart', 'faceWithTearsOfJoy', 'fire', 'clappingHands', 'wonder', 'cry'] as const;

export const signOf = (code: string): string => REACTIONS[code] ?? '👍';
