# Every sentence Twoticks says in English. Short, warm, exact, blaming nobody (PRODUCT section 8).

## Buttons
button-all-written = All written ✓
button-others-written = Others written ✓
button-mark-one = Mark one
button-no-homework = No homework
button-not-today = Not today
button-written = Written
button-not-written = Not written
button-absent = Absent
button-change = Change
button-back = Back
button-more-names = More names
button-were-written = They were written ✓
button-dont-know = Don't know
button-all-done = All done ✓
button-others-done = Others done ✓
button-something-missing = Something's missing
button-cant-check = Can't check tonight
button-done = Done
button-partly = Partly
button-not-done = Not done
button-skip = Skip
button-rushed = Done, but rushed
button-instead = I'll answer instead
button-see-differently = I see it differently
button-right = That's right
button-not-mine = Not my child
button-yes-join = Yes, join
button-no-thanks = No, thanks
button-yes-thats = Yes, that's { $name }
button-no = No
button-yes-all = Yes to all
button-is-away = { $child } is away
button-only-mine = Only my messages
reason-forgot = Forgot
reason-too-hard = Too hard
reason-no-time = No time
reason-left-at-school = Left at school
reason-unwell = Unwell
reason-other = Other

## The teacher's card
teacher-preview = { $date } · planners seen?
planners-seen = planners seen?
which-name = Which one?
lines-open = { $count } open
all-written = { $count ->
    [one] written
    [2] both written
   *[other] all { $count } written
}
some-written = { $count ->
    [0] answered
   *[other] { $count } written
}
cant-say-today = can't say today
no-homework-all = no homework
nobody-to-ask = nobody to ask about today
child-state = { $child }: { $state }
state-written = written
state-not-written = not written
state-no-homework = no homework
state-absent = absent
state-cant-say = can't say today
state-no-answer = open
state-not-asked = open
state-dont-know = don't know
state-expected = open
changed-at = changed { $time }
last-night = Last night at home: { $what }
tonight = At home: { $what }
earlier-night = { $weekday } at home: { $what }
earlier-open = { $weekday }, { $count } open: { $names }
nudge-over = This question has ended. The day's card still takes an answer.
home-count-done = { $count } done
home-child-done = { $child } done
home-done = done
home-cant-say = can't say
home-no-answer = no answer
home-not-asked = not asked
home-two-answers = two answers from home
home-not-all-done = not all done
home-not-joined = Home has not joined yet: { $names }
class-not-done = { $course } not done
class-partly = { $course } partly done
was-not-written = { $what } (was not written)
late-mark = { $what }, late
more-exceptions = + { $count }
yesterday-open = Yesterday, { $count } open: { $names }
has-stopped = { $name } has stopped messages here.
has-lost = Messages to { $name } are not arriving.
report-ends = { $child }'s daily report ends with today's card.
report-rests = { $child }'s report rests, as nobody at home has joined yet.
teacher-nudge = { $count ->
    [one] 1 planner is still open today: { $names }
   *[other] { $count } planners are still open today: { $names }
}
nudge-answered = Answered by { $name }, { $time }
day-closed = That day is closed.

## The home card
all-written-home = all written ✓
things-to-look-at = { $count ->
    [one] 1 thing to look at
   *[other] { $count } things to look at
}
some-confirmed = { $count } of { $total } confirmed
none-confirmed = not confirmed yet
let-show = Let { $child } show you the planner.
ask-to-show = Ask { $child } to show you the planner.
class-written = { $course } ✓
class-no-homework = { $course }: no homework
class-absent = { $course }: not in class
class-not-written = { $course }: not written down
class-cant-say = { $course }: can't say today
class-not-confirmed = { $course }: not confirmed yet
class-not-confirmed-by = { $course }: { $teacher } hasn't confirmed yet
answers-tonight = { $name } answers tonight.
about-child = { $child }: how did it go?
done = done
done-rushed = done, rushed
cant-check = can't check tonight
cant-check-thanks = That's all right. Thank you for saying so.
late = late
no-answer = no answer
thats-all-right = That's all right. You can still answer.
two-answers = two answers: { $what }
who-says = { $name } { $what }
word-done = done
word-partly = partly done
word-not-done = not done
thanks = Thank you.
and-the-others = { $courses }?
which-class = { $child }: which class?
state-question = { $child } · { $course }: how far did it get?
reason-question = { $child } · { $course }: what got in the way?
home-nudge = How did { $child }'s homework go?
nothing-tonight = nothing to look at tonight

## Joining
join-preview = A message from { $school }
join-hello = Hello. You are joining for { $who }. Right?
join-kept = We keep: who ticked what and when.
join-seen = The child's teachers see it. It is kept until a year after this school year.
join-ends = STOP ends it at once.
join-thanks = Thank you. The school confirms it is you, then it starts.
join-refused = We could not confirm this. Please ask the school.
join-no-more = All right. This invitation is not in use.
welcome = Welcome.
welcome-guardian = On school days at { $time } you get one card about { $child }.
welcome-teacher = Welcome. Each school day at { $time } you get one card; if all is written, it is one tap.
welcome-coordinator = Welcome. Write help to see how far the school is set up.
welcome-third = Welcome. Write status any time to see how the week went.
welcome-stop = Write help any time. STOP ends it at once.
claims-preview = { $count ->
    [one] Somebody wants to join
   *[other] { $count } people want to join
}
claim-line = { $name } wants to join for { $child }.
claim-line-named = { $name } ({ $platform } name: { $account }) wants to join for { $child }.
claim-joined = { $name } has joined for { $child }.
claim-refused = { $name } has not joined for { $child }.
claims-none = Nobody is waiting to join.
code-not-working = This code does not work. Please ask the school for a new one.
already-joined = You have already joined. Write help to see what you can do.
stranger = Hello. I write only with families and teachers whom their school has invited. Please ask the school for your own code.
slow-down = That was a lot at once. Please write again in a minute.
write-directly = Please write to me directly.
slash-reply = I have written to you directly.
our-fault = Something went wrong on my side and I have written it down ({ $fault }). Please try again.

## Answers
not-for-you = This question is not for you.
not-understood = I did not understand that. Your text was not kept and went to nobody.
help-teacher = Each school day you get one card. One tap if all is written; Mark one for exceptions.
help-guardian = Each school day you get one card in the evening. One tap if all is done.
help-words = You can write: today · status · why · who · pause · resume · settings · stop
help-preview = What you can write
today-later = Your card comes at { $time }.
today-no-school = No school today, so no card.
today-nothing = Nothing to answer today.
status-line = { $child }: written { $written } of { $confirmed } confirmed · done { $done } of { $answered } answered nights
status-nobody = No child follows a daily report with you now.
status-preview = This week so far
who-preview = Who reads along
who-school = School: { $names }
who-home = Home: { $names }
who-not-joined = { $name } (has not joined yet)
pause-question = What should rest today?
pause-away = { $child } is away today. Nobody gets a card.
pause-mine = Your messages rest today.
stopped = You get no more messages here.
stopped-back = Write START to come back.
back-again = Welcome back. Your cards come again.
attached = Thank you. I can only read text and buttons; pictures, voice and files are not kept.
left-behind = This card has moved down.

## Settings
settings-title = Settings
settings-language = Language: { $language }
settings-card-teacher = Your class card: { $time }
settings-card-guardian = Your evening card: { $time }
settings-hours = Messages may ring: { $start } – { $end }
settings-zone = Your clock: { $zone }
settings-app = Cards come on: { $app }
settings-nights = Evenings: { $nights }
settings-resting = Your messages rest until { $date }.
button-language = Language
button-card-time = Card time
button-card-time-teacher = Class card time
button-card-time-guardian = Evening card time
button-hours = Hours
button-hours-teacher = School hours
button-hours-guardian = Home hours
button-zone = My clock
button-nights = Whose evening
button-stand-in = Stand-in
button-app = App
button-school-day = School day
button-other-time = Another time
button-as-school = As the school has it
button-from = From { $time }
button-until = Until { $time }
button-another-app = Add another app
button-today = Today
button-tomorrow = Tomorrow
button-until-tomorrow = Today and tomorrow
button-this-week = This week
button-other-day = Another day
button-no-school = No school
button-school-open = School as usual
button-ends-at = Ends { $time }
button-yes-gladly = Yes, gladly
button-use-it = Use it
button-keep-old = Keep as it was
button-undo = Undo
button-undo-name = Undo { $name }
which-language = Which language?
which-card-time = When should your card come? Between { $start } and { $end }.
which-hours = When may messages ring?
which-app = Where should your cards come?
which-nights = Whose evening is it? A tap gives it to the next person.
which-school-day = Which day?
what-school-day = { $date }: what is it like?
which-stand-in = Who answers your card?
no-stand-in = No colleague of these children has joined yet.
which-stand-in-days = { $name }: for which days?
nights-first = whoever joined first
write-card-time = Write a time between { $start } and { $end }, like 6:15 PM.
write-card-time-anew = I could not read that time. Write one between { $start } and { $end }, like 6:15 PM.
write-hours = Write from when until when, like 7:00-20:00.
write-hours-anew = I could not read that. Write from when until when, like 7:00-20:00.
write-zone = Write a big city near you. The school's is { $zone }.
write-zone-anew = I do not know that city. Write a bigger one near you. The school's is { $zone }.
write-stand-in = Write the day you are back, like Monday or October 12.
write-stand-in-anew = I could not read that day. Write it like Monday or October 12.
write-dismissal = Write when lessons end, like 12:30 PM.
write-dismissal-anew = I could not read that time. Write it like 12:30 PM.
another-app-code = On your other app, write: { $code }. It works for one hour.
second-account = Welcome. This account is yours now, too. Choose in settings where your cards come.
stand-in-asked = { $name } is asked. Nothing changes before the yes.
stand-in-preview = A colleague has a question
stand-in-question = { $name } asks: will you answer the homework card from { $first }? Back on { $back }.
stand-in-yes = Thank you. The card comes to you.
stand-in-no = All right. Nothing changes.
declared-closed = { $date }: no school. Nobody is asked.
declared-early = { $date }: a short day. Cards follow the end of lessons.
declared-open = { $date }: school as usual.
no-school-after-all = { $date }: the school is closed. Nothing to look at tonight.
school-after-all = { $date }: school is open after all.
calendar-changed = The school calendar has changed
calendar-used = It is in use.
calendar-kept = It stays as it was.
calendar-done = Somebody has decided this already.
calendar-closed-added = New: no school { $days }
calendar-closed-gone = School again: { $days }
calendar-early-added = New: short day { $days }
calendar-early-gone = Full day again: { $days }
calendar-letters-added = New day letters from { $days }
calendar-letters-gone = No day letters any more from { $days }
card-closed = This card is closed.

## People and what rests
pause-question-until = What should rest until { $date }?
pause-away-until = { $child } is away until { $date }. Nobody gets a card.
pause-mine-until = Your messages rest until { $date }.
pause-resume = Write resume to go on sooner.
button-another-day = Until another day
write-back = Write the day it goes on, like Monday or October 12.
write-back-anew = I could not read that day. Write it like Monday or October 12.
rests-home = { $child }'s daily report rests until { $date }, says home.
rests-school = { $child }'s daily report rests until { $date }, says school.
rests-preview = A daily report rests for a while
resumed-mine = Your messages come again.
resumed-child = The daily report goes on: { $child }.
resumed-nothing = Nothing was resting.
who-teacher = { $name } ({ $course })
who-stand-in = { $name } ({ $course }, stand-in)
who-third = { $name }
who-until = { $name } (until { $date })
who-thirds = Also: { $names }
who-name-one = Write who and a child's name, like: who Ana Romero.
who-unknown = I know no such child here. Write the name as the school does.
who-ended = The school has ended this link. Please ask the coordinator.
preview-who = Who reads along
button-new-code = New code: { $name }
button-end-link = End: { $name }
button-another-guardian = Invite somebody else at home
button-yes-end = Yes, end it
button-agree = Agree
end-question = { $name } then gets nothing more about { $child }, from this moment on. Is that right?
link-ended = It has ended. Nothing more goes there.
new-code = For { $name }, to hand over in person:
new-code-how = It works once, for 14 days. I do not keep it, so please note it now.
write-guardian = Who answers at home? Write the name, and the language if you like: Lucía Romero, Spanish.
guardian-added = You have the code. They can join at once.
agree-question = The school asks: may { $name } read along about { $child } until { $date }?
agree-what = They see the week's counts. You can end it any time: write who.
agree-yes = Thank you. It begins with the school's yes, too.
agree-no = All right. They read nothing.
claim-line-provider = { $name } wants to read along about { $child }, with home's yes, for 90 days.
preview-add = Children for the daily report
add-teachers-only = Teachers add children to their own classes here. The office imports a roster.
add-write-names = Write the children's names, one on each line.
add-which-class = Which class?
add-look = New in { $course }, please look:
add-new = New: { $child }
add-known = Known already: { $child }
add-starts = The daily report starts with the next school day.
add-done = Thank you. The daily report starts with the next school day: { $child }.
button-add-them = Add them
button-invite-family = { $child }: invite home
setup-title = { $school }
setup-roster = Children: { $children }, with a daily report: { $daily }
setup-calendar = Days off known from today: { $days }
setup-joined = Joined: { $teachers } teachers, homes of { $homes } of { $daily } children
setup-do-roster = Next: the office runs “twoticks roster import”, or a teacher writes add.
setup-do-calendar = Next: the office adds the school's calendar to its configuration.
setup-do-letters = Next: the office prints letters with “twoticks invite --letters”.
button-homes-apart = Homes apart
button-homes-together = Homes together
other-home = the other home
setup-lost = { $count ->
    [one] Messages to one person are not arriving.
   *[other] Messages to { $count } people are not arriving.
}
setup-runs = All is set up.
button-look-again = Look again

## Why
why-preview = Why a card came or did not
why-nothing = There was nothing to tell you in the last seven days.
why-closed = school was closed ({ $title }).
why-sent = your card came at { $time }.
why-nudged = A reminder came at { $time }.
why-answered = You answered at { $time }, so no reminder came.
why-capped = You had enough messages that week, so no reminder came.
why-resting = your messages were resting.
why-lost = my messages did not arrive with you.
why-stopped = you had stopped messages.
why-later = your card comes at { $time }.
why-no-homework = all classes had no homework.
why-missed = I was not running in time. That day is not counted.
why-no-copy = somebody else was asked; copies make a sound here. Write today to see it.
why-nothing-to-ask = there was nothing to ask you.
why-away = { $child } was away.
why-paused = the daily report was resting: { $child }.
why-finished = the daily report has ended: { $child }.
why-no-report = no daily report was running.

## Letters
letter-dear = Dear { $name },
letter-together = Thank you for looking after homework together with us.
letter-guardian = Twoticks is one card about homework each school day, answered with two taps.
letter-confirms = After you join, the school confirms it is you. Then it starts.
letter-stop = Write STOP and it ends at once.
letter-teacher = Twoticks is one card each school day: who has homework written down.
letter-one-tap = If all is written, it is one tap.
letter-others = Twoticks is a short daily report on homework, shared by school and home.
letter-help = After you join, write help to see what you can do.
letter-about = You are joining for
letter-scan = Scan this to open Telegram.
letter-code = Your code
letter-or = Or write it yourself:
letter-telegram = Telegram: write { $typed } to { $bot }.
letter-slack = Slack: write { $typed } to the Twoticks app.
letter-somewhere = Write { $typed } to Twoticks in the app that your school uses.
letter-until = Valid until { $date }, { $time }
letter-questions = Questions? The school office is happy to help.
letter-once = Given personally; it works once.

## Names that a teacher pastes
pasted-nothing = Line { $line }: I found no name there.
pasted-long = Line { $line }: this is too long for a name. Please send one child on each line.
pasted-comma = Line { $line }: is “{ $said }” one child or two? Please send one child on each line.
pasted-many = I read { $count } names at once. Please send “{ $said }” and the rest in another message.
pasted-contact = Line { $line }: I took “{ $said }” and did not keep the number or address.
pasted-beside = Line { $line }: I took “{ $said }” and left out what stands beside it.
pasted-twice = Line { $line }: “{ $said }” stands in the list twice and counts once.
pasted-one-word = Line { $line }: “{ $said }” is one name alone. A family name tells children apart.
pasted-turned = I read this as one child, “{ $said }”. Two children go on two lines.

## The command menu
command-today = Today's card again
command-status = The week so far
command-who = Who reads along
command-pause = Rest for today
command-stop = End all messages
command-why = Why a card came or did not
command-resume = Go on with what rests
command-settings = Language, times, app
command-help = What I can do

## The try-it page
page-title = Twoticks
page-subtitle = Two ticks a day: written down at school, done at home.
page-clock = School clock
page-next = Next ⏩
page-hour = +1 hour
page-day = Next day
page-days = Ready-made days
page-days-well = All well
page-days-teacher = Teacher silent
page-days-parent = Parent silent
page-diaz = Mr Díaz answers
page-language = Language
page-app = app
page-bot = bot
page-type-here = Write a message
page-send = Send
page-silent = without sound
page-rang = with sound
page-edited = edited
page-empty = Nothing yet. Wind the clock.
page-restart-hint = Twoticks has ended. Start it again with: twoticks demo
page-role-okafor = Maths teacher, on Slack
page-role-lucia = Ana's mother, on Telegram
page-role-tom = Ana's father, on Telegram
page-open-at = Twoticks is open at { $address } (Ctrl+C ends it)

## What people may write; spellings, separated by commas
say-today = today, card
say-status = status
say-who = who
say-pause = pause
say-stop = stop, stopp, unsubscribe, توقف, 停
say-help = help
say-join = join
say-start = start
say-back = back
say-settings = settings
say-language = language
say-resume = resume, continue
say-why = why
say-add = add
