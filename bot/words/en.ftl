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
help-words = You can write: today · status · who · pause today · stop · help
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

## The command menu
command-today = Today's card again
command-status = The week so far
command-who = Who reads along
command-pause = Rest for today
command-stop = End all messages
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
