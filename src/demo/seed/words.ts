/** What people of a seeded portal are called and say. */
import type { Random } from './random.ts';

const FIRST = [
  'Anna', 'Boris', 'Clara', 'Diego', 'Elena', 'Farid', 'Greta', 'Hiro', 'Irina', 'Jonas', 'Katya', 'Liam', 'Mei', 'Nora', 'Otto', 'Priya', 'Rosa', 'Sofia', 'Tom', 'Uma',
  'Vera', 'Wei', 'Yusuf', 'Zoë', 'Иван', 'Мария', 'Олег', 'Светлана', '明', '美咲', '지훈', 'Çağla', 'Søren', 'Łukasz', 'José', 'Αλέξης',
] as const;
const LAST = [
  'Almeida', 'Berg', 'Chen', 'Dupont', 'Evans', 'Fischer', 'García', 'Hansen', 'Ivanova', 'Jensen', 'Kowalski', 'Larsen', 'Müller', 'Novak', 'Okafor', 'Petrov', 'Quinn', 'Rossi',
  'Sato', 'Tanaka', 'Ueda', 'Varga', 'Weber', 'Yilmaz', 'Zhang', 'Смирнов', 'Кузнецова', '王', '佐藤', '김', 'Παπαδόπουλος', 'O’Brien',
] as const;
const POSITIONS = ['Engineer', 'Designer', 'Accountant', 'Support', 'Sales', 'Team lead', 'Logistics', 'Researcher', 'Инженер', 'Менеджер', '経理', ''] as const;

const SUBJECTS = [
  'Release', 'Support', 'Hiring', 'Warehouse', 'Website', 'Budget', 'Travel', 'Design', 'Security', 'Onboarding', 'Продажи', 'Логистика', 'Договоры', '会議', '営業', 'Büro', 'Vertrieb',
] as const;
const KINDS = ['team', 'project', 'review', 'planning', 'questions', 'announcements', '2026', 'Kiel', 'Lisboa', 'Казань', '大阪'] as const;

/** Parts of what is said, by language; a message is some of them. */
const PHRASES: ReadonlyArray<readonly string[]> = [
  [
    'Good morning', 'thanks a lot', 'I will look at it after lunch', 'the invoice is attached', 'can we move the meeting to Thursday?', 'done', 'ok', 'sounds good 👍', 'who has the numbers for the second quarter?',
    'the customer called again', 'deployment is through', 'please review my changes', 'the server answers again', 'I am on my way', 'see you tomorrow', '[b]please read this[/b]', 'no idea, ask support',
    'the draft is at https://docs.example.com/offer', 'that is what the contract says', 'I have updated the launch plan', 'nobody is in the office today', '🎉', 'yes', 'let me check', 'the printer is out of paper',
  ],
  [
    'Доброе утро', 'спасибо большое', 'посмотрю после обеда', 'счёт во вложении', 'перенесём встречу на четверг?', 'готово', 'ок', 'хорошо 👍', 'у кого цифры за второй квартал?', 'клиент звонил ещё раз',
    'обновление прошло', 'проверьте, пожалуйста, мои правки', 'сервер снова отвечает', 'я уже еду', 'до завтра', '[b]прочитайте, пожалуйста[/b]', 'не знаю, спроси поддержку', 'так написано в договоре', 'отчёт отправлен',
  ],
  [
    'Guten Morgen', 'vielen Dank', 'ich schaue nach dem Essen', 'die Rechnung hängt an', 'können wir das Treffen verschieben?', 'erledigt', 'klingt gut 👍', 'wer hat die Zahlen für das Quartal?', 'der Kunde hat wieder angerufen',
    'bitte prüft meine Änderungen', 'der Server antwortet wieder', 'bis morgen', 'das steht so im Vertrag', 'grüße aus dem Büro',
  ],
  [
    'おはようございます', 'ありがとうございます', '午後に確認します', '請求書を添付しました', '会議を木曜日に変更できますか', '完了しました', '了解です👍', '報告書を送りました', 'お客様からまた電話がありました', 'サーバーは復旧しました', 'また明日', '契約書をご覧ください',
  ],
  ['早上好', '谢谢', '我下午看一下', '发票在附件里', '会议可以改到星期四吗', '完成了', '好的👍', '客户又打电话来了', '服务器恢复了', '明天见', '合同里是这样写的', '报告已经发送'],
  ['Buenos días', 'muchas gracias', 'lo miro después de comer', 'la factura está adjunta', '¿podemos mover la reunión al jueves?', 'hecho', 'suena bien 👍', 'el cliente ha llamado otra vez', 'hasta mañana', 'está en el contrato'],
];

export const LANGUAGES = PHRASES.length;

export function nameOf(random: Random): { first_name: string; last_name: string; work_position: string } {
  return { first_name: random.pick(FIRST), last_name: random.pick(LAST), work_position: random.pick(POSITIONS) };
}

export function titleOf(random: Random): string {
  return `${random.pick(SUBJECTS)} ${random.pick(KINDS)} ${1 + random.below(90)}`;
}

/** Mostly a few words, now and then a long one; one in ten names something that few others do. */
export function textOf(random: Random, language: number): string {
  const phrases = PHRASES[language]!;
  const count = 1 + random.skewed(random.chance(0.01) ? 40 : 4, 2);
  let text = random.pick(phrases);
  for (let i = 1; i < count; i++) text += `, ${random.pick(phrases)}`;
  return random.chance(0.1) ? `${text} #${(1000 + random.below(900_000)).toString(36)}` : text;
}
